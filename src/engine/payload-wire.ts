import type { Payload } from '@temporalio/common';

/**
 * A payload as bytes: protobuf's wire form of temporal.api.common.v1.Payload (1: map of metadata, 2: data), written by hand because the workflow sandbox and the
 * codec endpoint need it without the generated package. Only these two fields exist.
 */
export function encode(payload: Payload): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [name, value] of Object.entries(payload.metadata ?? {})) {
    const entry = Buffer.concat([field(1, Buffer.from(name, 'utf8')), field(2, value)]);
    parts.push(field(1, entry));
  }
  if (payload.data != null) parts.push(field(2, payload.data));
  return Buffer.concat(parts);
}

/** @throws Error when the bytes are none of ours. */
export function decode(bytes: Uint8Array): Payload {
  const metadata: Record<string, Uint8Array> = {};
  let data: Uint8Array | undefined;
  for (const { number, value } of fields(bytes)) {
    if (number === 2) data = value;
    else if (number === 1) {
      const entry = [...fields(value)];
      const name = entry.find((part) => part.number === 1)?.value;
      if (name !== undefined) metadata[Buffer.from(name).toString('utf8')] = entry.find((part) => part.number === 2)?.value ?? new Uint8Array();
    }
  }
  return data === undefined ? { metadata } : { metadata, data };
}

/** Length-delimited, wire type 2. */
const field = (number: number, value: Uint8Array): Buffer => Buffer.concat([varint((number << 3) | 2), varint(value.length), bytesOf(value)]);
/** The SDK's protobuf hands out an empty array for empty bytes, whatever its types say. */
const bytesOf = (value: Uint8Array): Uint8Array => (value.length === 0 ? new Uint8Array() : value);
function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}
function* fields(bytes: Uint8Array): Generator<{ readonly number: number; readonly value: Uint8Array }> {
  let at = 0;
  const readVarint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at];
      if (byte === undefined) throw new Error('a payload ends in the middle of a number');
      at += 1;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = readVarint();
    if ((tag & 7) !== 2) throw new Error('a payload has a field of another wire type');
    const length = readVarint();
    if (at + length > bytes.length) throw new Error('a payload ends in the middle of a field');
    yield { number: tag >> 3, value: bytes.subarray(at, at + length) };
    at += length;
  }
}
