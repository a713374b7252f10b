import { refuseAddress, splitConnection } from './connector-addresses.js';

const okta = (orgUrl: string) => splitConnection({ provider: 'okta', orgUrl, auth: { kind: 'apiToken', token: 'token' } });
const entra = (tenantId: string) => splitConnection({ provider: 'entra', tenantId, clientId: 'client', auth: { kind: 'clientSecret', clientSecret: 'secret' } }).address;

describe('the address of a connector', () => {
  it('names one org in one way, so that a second connector of it is known as such (N7)', () => {
    for (const orgUrl of ['https://acme.okta.com', 'https://acme.okta.com/', 'https://ACME.okta.com:443', 'https://acme.okta.com//']) {
      const { address, connection } = okta(orgUrl);
      expect([address, connection]).toMatchObject([{ orgUrl: 'https://acme.okta.com' }, { orgUrl: 'https://acme.okta.com' }]);
    }
    expect(okta('https://acme.okta.com/path').address).toMatchObject({ orgUrl: 'https://acme.okta.com/path' });
  });

  it('names the org itself: its admin console and a path of it would be other names for the same', () => {
    for (const orgUrl of ['https://acme-admin.okta.com', 'https://acme.okta.com/path', 'https://acme.okta.com/;a']) {
      expect({ orgUrl, refused: refuseAddress(okta(orgUrl).address, false)?.refusal.code }).toEqual({ orgUrl, refused: 'connector.url_not_allowed' });
    }
    for (const orgUrl of ['https://acme.okta.com/', 'https://admin.okta.com', 'https://acme-admins.okta.com']) expect({ orgUrl, refused: refuseAddress(okta(orgUrl).address, false) }).toEqual({ orgUrl, refused: null });
  });

  it('names a tenant by its id: any domain of it would be another name for the same', () => {
    expect(refuseAddress(entra('3f0a3f2e-0b1c-4d5e-8f60-718293a4b5c6'), false)).toBeNull();
    expect(refuseAddress(entra('acme.onmicrosoft.com'), false)).toMatchObject({ refusal: { code: 'body.invalid', path: 'tenantId' } });
  });

  it('leads to the vendors alone, and nowhere inside', () => {
    for (const orgUrl of ['http://acme.okta.com', 'https://acme.okta.com:8443', 'https://acme.okta.com.evil.example', 'https://evil.example/acme.okta.com', 'https://127.0.0.1', 'https://169.254.169.254', 'https://[::1]', 'https://localhost', 'https://okta.com', 'https://acme.okta.com.']) {
      expect({ orgUrl, refused: refuseAddress(okta(orgUrl).address, false)?.refusal.code }).toEqual({ orgUrl, refused: 'connector.url_not_allowed' });
    }
  });
});
