import { createServer } from 'node:http';
import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose';
import type { CryptoKey, KeyObject } from 'jose';
import { z } from 'zod';

/** The made-up Forge app of the sandbox. */
export const SANDBOX_APP_ID = 'ari:cloud:ecosystem::app/5a1dbe11-0000-4000-8000-0a1c1ea2a2ce';
export const installationOf = (siteId: string): string => `ari:cloud:ecosystem::installation/sandbox-${siteId}`;

const ISSUER = 'forge/invocation-token';
/** Forge's tokens are good for minutes; ours are made for one delivery. */
const LIFETIME_SECONDS = 120;
const privateJwk = z.looseObject({ kty: z.string(), kid: z.string(), n: z.string(), e: z.string(), d: z.string() });

/** Plays Forge's part in a delivery: signs invocation tokens and publishes the public half of its key. */
export interface ForgeIssuer {
  readonly jwksUrl: string;
  /** A token as it comes with a product event: issued to the app on that installation, without a person. */
  tokenFor(site: { readonly siteId: string; readonly cloudId: string }): Promise<string>;
  stop(): Promise<void>;
}

/** A key pair as JSON text, to be kept with the sandbox's data. */
export async function makeForgeKey(): Promise<string> {
  const pair = await generateKeyPair('RS256', { extractable: true });
  return JSON.stringify({ ...(await exportJWK(pair.privateKey)), kid: `sandbox-${randomBytes(6).toString('hex')}`, alg: 'RS256', use: 'sig' });
}

/** @param keyText what `makeForgeKey` made */
export async function startForgeIssuer(keyText: string, port: number): Promise<ForgeIssuer> {
  const jwk = privateJwk.parse(JSON.parse(keyText));
  const key = await importJWK(jwk, 'RS256');
  const keys = JSON.stringify({ keys: [{ kty: jwk.kty, kid: jwk.kid, alg: 'RS256', use: 'sig', n: jwk.n, e: jwk.e }] });
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/.well-known/jwks.json' ? 200 : 404, { 'content-type': 'application/json', 'cache-control': 'max-age=60' });
    response.end(request.url === '/.well-known/jwks.json' ? keys : '{}');
  });
  const bound = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : port);
    });
  });
  return {
    jwksUrl: `http://127.0.0.1:${bound}/.well-known/jwks.json`,
    tokenFor: (site) => sign(key, jwk.kid, site),
    stop: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

function sign(key: CryptoKey | KeyObject | Uint8Array, kid: string, { siteId, cloudId }: { readonly siteId: string; readonly cloudId: string }): Promise<string> {
  const installationId = installationOf(siteId);
  const app = {
    id: SANDBOX_APP_ID, version: '1', installationId, apiBaseUrl: `https://api.atlassian.com/ex/jira/${cloudId}`,
    environment: { type: 'DEVELOPMENT', id: 'sandbox' }, module: { type: 'core:trigger', key: 'issue-created' },
    installation: { id: installationId, contexts: [{ name: 'jira', cloudId }] },
  };
  return new SignJWT({ app, context: { cloudId, moduleKey: 'issue-created' } })
    .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' }).setIssuer(ISSUER).setAudience(SANDBOX_APP_ID)
    .setIssuedAt().setExpirationTime(`${LIFETIME_SECONDS}s`).sign(key);
}
