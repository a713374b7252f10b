import { createRemoteJWKSet } from 'jose';
import { ForgeAuthenticator } from '../api/auth/forge.authenticator.js';
import { installationOf, makeForgeKey, SANDBOX_APP_ID, startForgeIssuer } from './forge-issuer.js';
import type { ForgeIssuer } from './forge-issuer.js';

describe('the Forge tokens of the sandbox', () => {
  const issuers: ForgeIssuer[] = [];
  const start = async (key: string): Promise<ForgeIssuer> => {
    const issuer = await startForgeIssuer(key, 0);
    issuers.push(issuer);
    return issuer;
  };
  afterEach(() => Promise.all(issuers.splice(0).map((issuer) => issuer.stop())));

  const authenticator = (jwksUrl: string): ForgeAuthenticator =>
    new ForgeAuthenticator(
      SANDBOX_APP_ID,
      createRemoteJWKSet(new URL(jwksUrl)),
      { exists: () => Promise.resolve(true), findByInstallation: (installationId) => Promise.resolve(installationId === installationOf('acme') ? { siteId: 'acme', licence: 'notReported' } : null), reportLicence: () => Promise.resolve() },
      { isAdministrator: () => Promise.resolve(true) },
    );

  it('let the product take an event for the app itself on its site, and for no person', async () => {
    const issuer = await start(await makeForgeKey());
    const principal = await authenticator(issuer.jwksUrl).verify(await issuer.tokenFor({ siteId: 'acme', cloudId: 'cloud-acme' }));
    expect(principal).toMatchObject({ siteId: 'acme', kind: 'forge', accountId: 'app' });
    expect([...principal.roles]).toEqual([]);
  });

  it('are refused for an installation that the product does not know', async () => {
    const issuer = await start(await makeForgeKey());
    await expect(authenticator(issuer.jwksUrl).verify(await issuer.tokenFor({ siteId: 'nobody', cloudId: 'cloud' }))).rejects.toThrow('site.unknown');
  });

  it('are refused when another key signed them', async () => {
    const [ours, theirs] = [await start(await makeForgeKey()), await start(await makeForgeKey())];
    await expect(authenticator(ours.jwksUrl).verify(await theirs.tokenFor({ siteId: 'acme', cloudId: 'cloud' }))).rejects.toThrow();
  });

  it('publishes the public half of its key only', async () => {
    const issuer = await start(await makeForgeKey());
    const text = await (await fetch(issuer.jwksUrl)).text();
    expect(JSON.parse(text)).toMatchObject({ keys: [{ kty: 'RSA', alg: 'RS256' }] });
    for (const secret of ['"d"', '"p"', '"q"', '"dp"']) expect(text).not.toContain(secret);
  });
});
