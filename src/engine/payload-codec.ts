import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import { decode as decodePayload, encode as encodeText } from './payload-wire.js';

const ENCODING = 'binary/encrypted';
/** As built: the SDK loads it by path with require, also where this file runs from its source. */
const FAILURE_CONVERTER = new URL('../../dist/workflows/failure-converter.cjs', import.meta.url);
const IV_BYTES = 12;
const TAG_BYTES = 16;
const text = new TextEncoder();
const utf8 = new TextDecoder();

export interface PayloadKey { readonly id: string; readonly key: string }

/**
 * AES-256-GCM over every payload that the engine stores (DESIGN, security): the first key seals, all of them open. The namespace is authenticated with the data,
 * so a payload can't be moved into another one.
 */
export class EncryptingCodec implements PayloadCodec {
  private readonly keys: ReadonlyMap<string, Buffer>;
  private readonly current: PayloadKey;

  /** @throws Error for an empty ring. */
  constructor(ring: readonly PayloadKey[], private readonly namespace: string) {
    const [current] = ring;
    if (current === undefined) throw new Error('PAYLOAD_KEYS is empty');
    this.current = current;
    this.keys = new Map(ring.map(({ id, key }) => [id, Buffer.from(key, 'base64url')]));
  }

  encode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.resolve(payloads.map((payload) => this.seal(payload)));
  }
  /** Payloads of another encoding come back as they are: those of a time before the codec. @throws Error for an unknown key or a changed byte. */
  decode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.resolve(payloads.map((payload) => (isOurs(payload) ? this.open(payload) : payload)));
  }

  private seal(payload: Payload): Payload {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.keyOf(this.current.id), iv);
    cipher.setAAD(text.encode(this.namespace));
    const sealed = Buffer.concat([iv, cipher.update(encodeText(payload)), cipher.final()]);
    return { metadata: { encoding: text.encode(ENCODING), 'encryption-key-id': text.encode(this.current.id) }, data: Buffer.concat([sealed, cipher.getAuthTag()]) };
  }
  private open(payload: Payload): Payload {
    const data = payload.data ?? new Uint8Array();
    const decipher = createDecipheriv('aes-256-gcm', this.keyOf(utf8.decode(payload.metadata?.['encryption-key-id'] ?? new Uint8Array())), data.subarray(0, IV_BYTES));
    decipher.setAAD(text.encode(this.namespace));
    decipher.setAuthTag(data.subarray(data.length - TAG_BYTES));
    return decodePayload(Buffer.concat([decipher.update(data.subarray(IV_BYTES, data.length - TAG_BYTES)), decipher.final()]));
  }
  private keyOf(id: string): Buffer {
    const key = this.keys.get(id);
    if (key === undefined) throw new Error(`a payload is encrypted with the unknown key ${id}`);
    return key;
  }
}
const isOurs = (payload: Payload): boolean => utf8.decode(payload.metadata?.['encoding'] ?? new Uint8Array()) === ENCODING;

/** Payloads and failure messages with their stacks: nothing that a workflow carries is stored in clear. */
export function encryptingConverter(codec: EncryptingCodec): DataConverter {
  return { payloadCodecs: [codec], failureConverterPath: fileURLToPath(FAILURE_CONVERTER) };
}
