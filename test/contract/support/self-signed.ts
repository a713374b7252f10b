import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const sha256WithRsa = '06092a864886f70d01010b0500';
const commonName = '0603550403';
const basicConstraints = '0603551d13';
const subjectAltName = '0603551d11';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const der = (tag: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const size = body.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const sequence = (...parts: Buffer[]): Buffer => der(0x30, ...parts);
const utcTime = (at: Date): Buffer => der(0x17, Buffer.from(`${at.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));
const pem = (label: string, bytes: Buffer): string => `-----BEGIN ${label}-----\n${bytes.toString('base64').replace(/(.{64})/g, '$1\n').trimEnd()}\n-----END ${label}-----\n`;

/** A fresh self-signed certificate for localhost and 127.0.0.1, valid for a day, with its RSA key: it is its own authority. */
export function selfSigned(): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const algorithm = sequence(hex(sha256WithRsa));
  const name = sequence(der(0x31, sequence(hex(commonName), der(0x0c, Buffer.from('AI Clearance test')))));
  const now = Date.now();
  const extensions = sequence(
    sequence(hex(basicConstraints), hex('0101ff'), der(0x04, sequence(hex('0101ff')))),
    sequence(hex(subjectAltName), der(0x04, sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1]))))),
  );
  const serial = Buffer.concat([Buffer.from([0x01]), randomBytes(15)]);
  const toBeSigned = sequence(
    der(0xa0, hex('020102')), der(0x02, serial), algorithm, name,
    sequence(utcTime(new Date(now - 3_600_000)), utcTime(new Date(now + 86_400_000))),
    name, publicKey.export({ type: 'spki', format: 'der' }), der(0xa3, extensions),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', toBeSigned, privateKey));
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert: pem('CERTIFICATE', sequence(toBeSigned, algorithm, signature)) };
}
