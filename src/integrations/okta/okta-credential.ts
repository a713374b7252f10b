import { createHash, createPrivateKey, createPublicKey, randomUUID } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { exportJWK, SignJWT } from 'jose';
import { z } from 'zod';
import { ProviderFailure } from '../../application/ports/identity-provider.port.js';
import type { OktaConnection } from '../../application/ports/identity-provider.port.js';
import { operatorCode } from '../http/operator-text.js';
import { failureOf, failureOfFault } from '../http/provider-failure.js';
import { retryAfterMs } from '../http/retry-after.js';
import { HttpFault, sendHttp, tryJson } from '../http/send-http.js';
import type { HttpAnswer } from '../http/send-http.js';

/** Puts the credential on one request to the org. The Okta SDK never holds it, so it can't send it elsewhere. */
export interface OktaCredential {
  headersFor(method: string, url: string, signal?: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /** After a 401: true when a fresh token may mend it, that is when the refused one was not just minted. */
  renew(refused: Readonly<Record<string, string>>): boolean;
  /** Values that must not appear in any message. */
  secrets(): readonly string[];
}

export function apiTokenCredential(token: string): OktaCredential {
  // The SDK would fall back to OKTA_CLIENT_TOKEN or okta.yaml, another tenant's token (measured): refused here.
  if (!/^[\x21-\x7e]{8,512}$/.test(token)) throw new ProviderFailure('unauthorized', 'the Okta API token is empty or not a token');
  return {
    headersFor: () => Promise.resolve({ authorization: `SSWS ${token}` }),
    renew: () => false,
    secrets: () => [token],
  };
}

const tokenAnswer = z.object({ access_token: z.string().min(1), token_type: z.string().min(1), expires_in: z.number().positive() });
const tokenError = z.object({ error: z.string(), error_description: z.string().optional() });
const purpose = { vendor: 'Okta', action: 'issue an access token', writes: false };
/** Tokens are renewed this much before they expire, so that none expires on the way. */
const marginMs = 60_000;
/** Both groups scopes: Okta grants each one separately, and a read with `manage` alone is not promised by its documentation. */
const defaultScopes = ['okta.groups.manage', 'okta.groups.read', 'okta.users.read'];

interface AccessToken { readonly value: string; readonly proofs: boolean; readonly renewAtMs: number; readonly used: { count: number } }

type PrivateKeyAuth = Extract<OktaConnection['auth'], { kind: 'privateKeyJwt' }>;

/**
 * Private key JWT (OAuth client credentials, RFC 7523) of our own rather than the SDK's: the SDK swallows the token
 * endpoint's refusal and calls on as `Bearer undefined`, never notices expiry, and mints one token per parallel call
 * (all measured on 8.1.0). Answers DPoP (RFC 9449), which Okta demands of new service apps, when the org asks for it.
 */
export class PrivateKeyCredential implements OktaCredential {
  private readonly key: KeyObject;
  private readonly tokenUrl: string;
  private token: AccessToken | null = null;
  private minting: Promise<AccessToken> | null = null;
  private proofs = false;
  private nonce: string | undefined;

  constructor(orgUrl: string, private readonly auth: PrivateKeyAuth, private readonly timeoutMs: number, private readonly now: () => number) {
    this.tokenUrl = `${orgUrl}/oauth2/v1/token`;
    this.key = rsaKey(auth.privateKeyPem);
  }

  async headersFor(method: string, url: string, signal?: AbortSignal): Promise<Readonly<Record<string, string>>> {
    const token = await this.current(signal);
    token.used.count += 1;
    if (!token.proofs) return { authorization: `Bearer ${token.value}` };
    return { authorization: `DPoP ${token.value}`, dpop: await this.proof(method, url, token.value) };
  }

  renew(refused: Readonly<Record<string, string>>): boolean {
    const { token } = this;
    if (token === null || refused['authorization']?.endsWith(` ${token.value}`) !== true) return true;
    this.token = null;
    return token.used.count > 1;
  }

  secrets(): readonly string[] {
    return this.token === null ? [] : [this.token.value];
  }

  private async current(signal: AbortSignal | undefined): Promise<AccessToken> {
    if (this.token !== null && this.now() < this.token.renewAtMs) return this.token;
    // One mint serves all callers; it is not bound to the signal of the first of them.
    this.minting ??= this.mint().finally(() => {
      this.minting = null;
    });
    this.token = await this.minting;
    if (signal?.aborted === true) throw failureOf(purpose, 'retryable', 'the call was cancelled before it was sent');
    return this.token;
  }

  private async mint(): Promise<AccessToken> {
    // Without a proof, then with one when the org asks, then with its nonce: each step is a distinct answer of the protocol.
    for (let step = 0; step < 3; step += 1) {
      const answer = await this.askForToken();
      if (answer.status === 200) return this.accept(answer);
      const refusal = tokenError.safeParse(tryJson(answer));
      const code = refusal.success ? refusal.data.error : undefined;
      const nonce = answer.headers.get('dpop-nonce');
      const asked = (code === 'use_dpop_nonce' && nonce !== null && nonce !== this.nonce) || (code === 'invalid_dpop_proof' && !this.proofs);
      if (!asked) throw this.refused(answer, operatorCode(code));
      this.proofs = true;
      if (nonce !== null) this.nonce = nonce;
    }
    throw failureOf(purpose, 'invalidAnswer', 'it keeps asking for another proof of possession');
  }

  private async askForToken(): Promise<HttpAnswer> {
    const nowS = Math.floor(this.now() / 1000);
    const assertion = await new SignJWT({})
      .setProtectedHeader({ alg: 'RS256', ...(this.auth.keyId === undefined ? {} : { kid: this.auth.keyId }) })
      .setIssuer(this.auth.clientId).setSubject(this.auth.clientId).setAudience(this.tokenUrl)
      .setIssuedAt(nowS).setExpirationTime(nowS + 300).setJti(randomUUID()).sign(this.key);
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      scope: (this.auth.scopes ?? defaultScopes).join(' '),
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    });
    try {
      return await sendHttp({
        method: 'POST',
        url: this.tokenUrl,
        headers: {
          accept: 'application/json',
          'content-type': 'application/x-www-form-urlencoded',
          ...(this.proofs ? { dpop: await this.proof('POST', this.tokenUrl) } : {}),
        },
        body: form.toString(),
        timeoutMs: this.timeoutMs,
      });
    } catch (error) {
      // Asking for a token changes nothing, so even a lost answer may be asked for again.
      throw error instanceof HttpFault ? failureOfFault(purpose, error) : error;
    }
  }

  private accept(answer: HttpAnswer): AccessToken {
    const parsed = tokenAnswer.safeParse(tryJson(answer));
    if (!parsed.success) throw failureOf(purpose, 'invalidAnswer', 'the token endpoint answered without a token', { status: answer.status });
    const lifetimeMs = parsed.data.expires_in * 1000;
    return {
      value: parsed.data.access_token,
      proofs: parsed.data.token_type.toLowerCase() === 'dpop',
      renewAtMs: this.now() + Math.max(lifetimeMs - marginMs, lifetimeMs / 2),
      used: { count: 0 },
    };
  }

  private refused(answer: HttpAnswer, code: string | undefined): ProviderFailure {
    const wait = retryAfterMs(answer.headers, this.now());
    const more = { status: answer.status, ...(code === undefined ? {} : { providerCode: code }), ...(wait === undefined ? {} : { retryAfterMs: wait }) };
    if (answer.status === 429 || answer.status >= 500) return failureOf(purpose, 'retryable', `HTTP ${answer.status}`, more);
    if (code === undefined) return failureOf(purpose, 'invalidAnswer', `HTTP ${answer.status} without an OAuth error`, more);
    return failureOf(purpose, 'unauthorized', `the token endpoint refused the client (${code})`, more);
  }

  /** DPoP proof (RFC 9449 section 4.2), signed with the client's own key. */
  private async proof(method: string, url: string, accessToken?: string): Promise<string> {
    const jwk = await exportJWK(createPublicKey(this.key));
    const target = new URL(url);
    const claims = {
      htm: method.toUpperCase(),
      htu: `${target.origin}${target.pathname}`,
      ...(accessToken === undefined ? { ...(this.nonce === undefined ? {} : { nonce: this.nonce }) } : { ath: createHash('sha256').update(accessToken).digest('base64url') }),
    };
    return new SignJWT(claims).setProtectedHeader({ typ: 'dpop+jwt', alg: 'RS256', jwk }).setIssuedAt(Math.floor(this.now() / 1000)).setJti(randomUUID()).sign(this.key);
  }
}

function rsaKey(pem: string): KeyObject {
  const key = tryPrivateKey(pem);
  if (key === null) throw new ProviderFailure('unauthorized', 'the Okta private key is not an unencrypted PEM private key');
  if (key.asymmetricKeyType !== 'rsa') throw new ProviderFailure('unauthorized', 'the Okta private key must be an RSA key');
  return key;
}

function tryPrivateKey(pem: string): KeyObject | null {
  try {
    return createPrivateKey({ key: pem, format: 'pem' });
  } catch {
    // OpenSSL's message may quote the key's first bytes: it is not passed on.
    return null;
  }
}
