import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A key and the certificate it signed for itself, both PEM. */
export interface SelfSigned {
  readonly key: string;
  readonly cert: string;
}

/** DER: one tag, the length, the content (X.690). */
function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const size = body.length < 0x100 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

const sequence = (...content: readonly Uint8Array[]): Buffer => der(0x30, ...content);
const bitString = (content: Uint8Array): Buffer => der(0x03, Buffer.from([0]), content);
const octets = (content: Uint8Array): Buffer => der(0x04, content);

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return der(0x06, Buffer.from(bytes));
}

/** UTCTime; good until 2049 (RFC 5280, 4.1.2.5). */
function utcTime(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(0x17, Buffer.from(digits.slice(2)));
}

function extension(id: string, value: Uint8Array): Buffer {
  return sequence(oid(id), octets(value));
}

function keyPair(kind: 'ec' | 'rsa'): { readonly privateKey: string; readonly publicKey: Buffer } {
  const { privateKey, publicKey } = kind === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), publicKey: publicKey.export({ type: 'spki', format: 'der' }) };
}

const notAfter = new Date('2049-01-01T00:00:00Z');

/**
 * A self-signed certificate for loopback (ECDSA P-256, RFC 5280 version 3, names localhost and 127.0.0.1). Entra's
 * client library refuses an authority without TLS, and the sandbox may not depend on an openssl binary. With `rsa` (2048
 * bits): what Entra takes as an application's credential, which is RSA only.
 */
export function selfSignedForLoopback(commonName: string, kind: 'ec' | 'rsa' = 'ec'): SelfSigned {
  const { privateKey, publicKey } = keyPair(kind);
  // ecdsa-with-SHA256 has no parameters (RFC 5758, 3.2), sha256WithRSAEncryption has NULL (RFC 4055, 5).
  const algorithm = kind === 'ec' ? sequence(oid('1.2.840.10045.4.3.2')) : sequence(oid('1.2.840.113549.1.1.11'), der(0x05));
  const name = sequence(der(0x31, sequence(oid('2.5.4.3'), der(0x0c, Buffer.from(commonName)))));
  // The top bit cleared and the next set: positive, and never a needless leading zero.
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  const names = sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])));
  const keyId = createHash('sha1').update(publicKey).digest();
  const extensions = sequence(
    extension('2.5.29.19', sequence(der(0x01, Buffer.from([0xff])))),
    extension('2.5.29.17', names),
    extension('2.5.29.14', octets(keyId)),
  );
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    algorithm,
    name,
    sequence(utcTime(new Date(Date.now() - 86_400_000)), utcTime(notAfter)),
    name,
    publicKey,
    der(0xa3, extensions),
  );
  const signature = sign('sha256', body, createPrivateKey(privateKey));
  const certificate = sequence(body, algorithm, bitString(signature)).toString('base64').replace(/.{1,64}/g, '$&\n');
  return { key: privateKey, cert: `-----BEGIN CERTIFICATE-----\n${certificate}-----END CERTIFICATE-----\n` };
}
