import { randomBytes } from 'node:crypto';
import type { Payload } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import fc from 'fast-check';
import { EncryptingCodec, encryptingConverter, type PayloadKey } from './payload-codec.js';
import { decode, encode } from './payload-wire.js';

const bytes = fc.uint8Array({ maxLength: 200 });
const name = fc.string({ maxLength: 20 }).filter((text) => text !== '__proto__');
const payload: fc.Arbitrary<Payload> = fc.record({ metadata: fc.dictionary(name, bytes, { maxKeys: 4 }), data: bytes });
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');
const plain = ({ metadata, data }: Payload): { readonly metadata: object; readonly data: string | null } =>
  ({ metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([id, value]) => [id, hex(value)])), data: data == null ? null : hex(data) });
const ofSize = (length: number): Payload => ({ metadata: { ['n'.repeat(length % 500)]: new Uint8Array([1]) }, data: new Uint8Array(length).fill(7) });
/** Where the number of bytes of a length changes. */
const BOUNDARIES = [0, 1, 127, 128, 129, 16_383, 16_384, 2_097_151, 2_097_152];
const key = (id: string): PayloadKey => ({ id, key: randomBytes(32).toString('base64url') });

describe('a payload as bytes', () => {
  it('comes back as it was', () => {
    fc.assert(fc.property(payload, (given) => { expect(plain(decode(encode(given)))).toEqual(plain(given)); }));
  });
  it.each(BOUNDARIES)('comes back with %i bytes of data, as the engine\'s own protocol buffers read it too', (length) => {
    const given = ofSize(length);
    const read = temporal.api.common.v1.Payload.decode(encode(given));
    expect(plain(decode(encode(given)))).toEqual(plain(given));
    expect(plain({ metadata: read.metadata, data: read.data })).toEqual(plain(given));
  });
  it('comes back without data where it had none', () => {
    expect(decode(encode({ metadata: { a: new Uint8Array([1]) } }))).toEqual({ metadata: { a: new Uint8Array([1]) } });
    expect(plain(decode(encode({})))).toEqual({ metadata: {}, data: null });
  });
  it('is what the engine\'s own protocol buffers read', () => {
    fc.assert(fc.property(payload, (given) => {
      const read = temporal.api.common.v1.Payload.decode(encode(given));
      expect(plain({ metadata: read.metadata, data: read.data })).toEqual(plain(given));
    }));
  });
  it('is read from what the engine\'s own protocol buffers write', () => {
    // They leave empty data out, which is the same to them.
    fc.assert(fc.property(payload, (given) => {
      const { metadata, data } = plain(decode(temporal.api.common.v1.Payload.encode(given).finish()));
      expect({ metadata, data: data ?? '' }).toEqual(plain(given));
    }));
  });
  it('is refused when it is cut short or of another make, and never read as something else', () => {
    const whole = encode({ metadata: { encoding: new Uint8Array([106]) }, data: new Uint8Array([1, 2, 3]) });
    expect(() => decode(whole.subarray(0, whole.length - 1))).toThrow('ends in the middle');
    expect(() => decode(new Uint8Array([0x08, 0x01]))).toThrow('another wire type');
    expect(() => decode(new Uint8Array([0x12]))).toThrow('ends in the middle of a number');
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (noise) => {
      try {
        expect(decode(noise).metadata).toBeDefined();
      } catch (error) {
        expect(String(error)).toMatch(/a payload (ends|has)/);
      }
    }));
  });
});

describe('the encrypting codec', () => {
  const ring = [key('k2'), key('k1')];
  const codec = new EncryptingCodec(ring, 'access');
  const seal = async (given: Payload, by = codec): Promise<Payload> => first(await by.encode([given]));
  const open = async (sealed: Payload, by = codec): Promise<Payload> => first(await by.decode([sealed]));
  const first = ([only]: Payload[]): Payload => only ?? {};
  const secret: Payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"business use: merger of Acme"') };

  it('gives back what it was given, several at once and in their order', async () => {
    await fc.assert(fc.asyncProperty(fc.array(payload, { maxLength: 4 }), async (given) => {
      const sealed = await codec.encode(given);
      expect((await codec.decode(sealed)).map(plain)).toEqual(given.map(plain));
    }));
  });

  it('gives back empty data and no data', async () => {
    expect(plain(await open(await seal({ metadata: { encoding: Buffer.from('binary/null') } })))).toEqual(plain({ metadata: { encoding: Buffer.from('binary/null') } }));
    expect(plain(await open(await seal({ metadata: {}, data: new Uint8Array() })))).toEqual({ metadata: {}, data: '' });
  });

  it('shows nothing but its own encoding and the id of the key', async () => {
    const sealed = await seal(secret);
    expect(Object.fromEntries(Object.entries(sealed.metadata ?? {}).map(([id, value]) => [id, Buffer.from(value).toString()]))).toEqual({ encoding: 'binary/encrypted', 'encryption-key-id': 'k2' });
    expect(Buffer.from(sealed.data ?? []).includes('Acme')).toBe(false);
    expect(Buffer.from(sealed.data ?? []).includes('json/plain')).toBe(false);
  });

  it('seals the same thing differently each time', async () => {
    expect(plain(await seal(secret))).not.toEqual(plain(await seal(secret)));
  });

  it('opens what an older key of the ring sealed, and seals with the first', async () => {
    const before = new EncryptingCodec(ring.slice(1), 'access');
    expect(plain(await open(await seal(secret, before)))).toEqual(plain(secret));
    await expect(open(await seal(secret), before)).rejects.toThrow('unknown key k2');
  });

  it('refuses another key under the same name, another namespace and any changed byte', async () => {
    const sealed = await seal(secret);
    await expect(open(sealed, new EncryptingCodec([key('k2')], 'access'))).rejects.toThrow();
    await expect(open(sealed, new EncryptingCodec(ring, 'access-2'))).rejects.toThrow();
    await fc.assert(fc.asyncProperty(fc.nat((sealed.data?.length ?? 1) - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const data = Uint8Array.from(sealed.data ?? []);
      data[at] = (data[at] ?? 0) ^ flip;
      await expect(open({ ...sealed, data })).rejects.toThrow();
    }));
  });

  it('refuses what is cut short', async () => {
    const sealed = await seal(secret);
    for (const length of [0, 5, 12, 27, 28, (sealed.data?.length ?? 1) - 1]) await expect(open({ ...sealed, data: (sealed.data ?? new Uint8Array()).subarray(0, length) })).rejects.toThrow();
    await expect(open({ metadata: sealed.metadata ?? {} })).rejects.toThrow();
  });

  it('leaves payloads of another encoding as they are', async () => {
    const other: Payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('1') };
    expect(await open(other)).toBe(other);
  });

  it('refuses to begin without a key', () => {
    expect(() => new EncryptingCodec([], 'access')).toThrow('PAYLOAD_KEYS is empty');
  });

  it('carries failures through the codec too', () => {
    const { payloadCodecs, failureConverterPath } = encryptingConverter(codec);
    expect(payloadCodecs).toEqual([codec]);
    expect(failureConverterPath).toMatch(/dist\/workflows\/failure-converter\.cjs$/);
  });
});
