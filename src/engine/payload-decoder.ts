import type { Payload } from '@temporalio/common';
import type { EncodedPayload, PayloadDecoder } from '../application/ports/api-queries.port.js';
import type { EncryptingCodec } from './payload-codec.js';

/** Opens payloads for the Temporal Web UI, in the remote codec protocol's base64 form. */
export const createPayloadDecoder = (codec: EncryptingCodec): PayloadDecoder => ({
  async decode(payloads) {
    const decoded = await codec.decode(payloads.map(fromWire));
    return decoded.map(toWire);
  },
});

function fromWire({ metadata, data }: EncodedPayload): Payload {
  const read = Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value, 'base64')]));
  return { metadata: read, data: Buffer.from(data ?? '', 'base64') };
}
function toWire({ metadata, data }: Payload): EncodedPayload {
  const written = Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]));
  return { metadata: written, data: Buffer.from(data ?? new Uint8Array()).toString('base64') };
}
