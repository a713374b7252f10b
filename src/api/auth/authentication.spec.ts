import type { Principal } from '../../application/ports/api-commands.port.js';
import { Authentication, SignInRefused } from './authentication.js';

const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const principal: Principal = { siteId: 'acme', accountId: 'ada', kind: 'person', roles: new Set(['requester']) };

describe('a proven token', () => {
  let now = 1_000_000;
  let proofs = 0;
  let refuse = false;
  const verify = () => {
    proofs += 1;
    return refuse ? Promise.reject(new SignInRefused('token.bad_signature')) : Promise.resolve(principal);
  };
  const bearer = (claims: unknown, signature = 'AAAA'): string => `Bearer ${b64({ alg: 'RS256' })}.${b64(claims)}.${signature}`;
  let authentication: Authentication;
  beforeEach(() => {
    now = 1_000_000;
    proofs = 0;
    refuse = false;
    authentication = new Authentication([{ issuer: 'us', verify }], () => now);
  });

  it('is believed for fifteen seconds and then proven again', async () => {
    const token = bearer({ iss: 'us', exp: 5_000 });
    await authentication.authenticate(token);
    now += 14_999;
    await authentication.authenticate(token);
    expect(proofs).toBe(1);
    now += 1;
    await authentication.authenticate(token);
    expect(proofs).toBe(2);
  });

  it('is not believed past its own end', async () => {
    const token = bearer({ iss: 'us', exp: 1_002 });
    await authentication.authenticate(token);
    now = 1_002_000;
    refuse = true;
    await expect(authentication.authenticate(token)).rejects.toMatchObject({ reason: 'token.bad_signature' });
  });

  it('without an end is proven every time', async () => {
    for (let n = 0; n < 3; n += 1) await authentication.authenticate(bearer({ iss: 'us' }));
    expect(proofs).toBe(3);
  });

  it('lends its belief to no other: another signature or payload is proven by itself', async () => {
    await authentication.authenticate(bearer({ iss: 'us', exp: 5_000 }));
    refuse = true;
    await expect(authentication.authenticate(bearer({ iss: 'us', exp: 5_000 }, 'AAAB'))).rejects.toBeInstanceOf(SignInRefused);
    await expect(authentication.authenticate(bearer({ iss: 'us', exp: 5_000, roles: ['admin'] }))).rejects.toBeInstanceOf(SignInRefused);
  });

  it('that was refused is not remembered as anything', async () => {
    refuse = true;
    const token = bearer({ iss: 'us', exp: 5_000 });
    await expect(authentication.authenticate(token)).rejects.toBeInstanceOf(SignInRefused);
    refuse = false;
    await expect(authentication.authenticate(token)).resolves.toBe(principal);
  });
});
