import { X509Certificate, createPrivateKey } from 'node:crypto';
import { createServer } from 'node:https';
import { get } from 'node:https';
import { selfSignedForLoopback } from './self-signed.js';

describe('self-signed certificate for loopback', () => {
  it.each(['ec', 'rsa'] as const)('is a valid certificate of its own %s key for 127.0.0.1 and localhost', (kind) => {
    const { key, cert } = selfSignedForLoopback('sandbox', kind);
    expect(createPrivateKey(key).asymmetricKeyType).toBe(kind);
    const parsed = new X509Certificate(cert);
    expect(parsed.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(parsed.verify(parsed.publicKey)).toBe(true);
    expect(parsed.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(parsed.checkHost('localhost')).toBe('localhost');
    expect(parsed.checkHost('example.com')).toBeUndefined();
    expect(new Date(parsed.validFrom).getTime()).toBeLessThan(Date.now());
    expect(new Date(parsed.validTo).getFullYear()).toBe(2049);
  });

  it('is accepted by a client that trusts it and refused by one that does not', async () => {
    const pair = selfSignedForLoopback('sandbox');
    const server = createServer(pair, (_request, response) => response.end('ok'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const fetchIt = (ca?: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const trust = ca === undefined ? {} : { ca };
        get({ host: '127.0.0.1', port, agent: false, ...trust }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).on('error', reject);
      });
    await expect(fetchIt(pair.cert)).resolves.toBe(200);
    await expect(fetchIt()).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    await new Promise((resolve) => server.close(resolve));
  });
});
