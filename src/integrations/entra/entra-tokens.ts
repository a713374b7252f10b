import { rootCertificates } from 'node:tls';
import { ClientCertificateCredential, ClientSecretCredential } from '@azure/identity';
import type { AccessToken, ClientSecretCredentialOptions, TokenCredential } from '@azure/identity';
import type { ProviderFailure } from '../../application/ports/identity-provider.port.js';
import { failureOf } from '../http/provider-failure.js';
import { retryAfterMs } from '../http/retry-after.js';
import type { EntraTarget } from './entra-connection.js';

const purpose = { vendor: 'Microsoft Entra', action: 'issue an access token', writes: false };
/** Tokens are renewed this much before they expire. */
const marginMs = 5 * 60_000;

interface SeenAnswer { readonly status: number; readonly retryAfterMs: number | undefined; readonly code: string | undefined }
/** Entra's own number for a refusal, or the OAuth error. */
const refusals = [/AADSTS\d{4,9}/, /invalid_client|unauthorized_client|invalid_grant|invalid_scope/];
interface Options { readonly timeoutMs: number; readonly extraCaPem: string | undefined; readonly now: () => number }

/**
 * Access tokens of one tenant. @azure/identity keeps its cache in the credential object, so there is one per connection,
 * and one request serves all who ask at the same time. Its own three retries are off and its calls are bounded here:
 * a credential has no time-out and does not pass an abort signal on to the token request.
 */
export class EntraTokens {
  private credential: TokenCredential;
  private token: AccessToken | null = null;
  private asking: Promise<AccessToken> | null = null;
  private last: SeenAnswer | undefined;

  constructor(private readonly target: EntraTarget, private readonly options: Options) {
    this.credential = this.newCredential();
  }

  /** @throws ProviderFailure `unauthorized` with the AADSTS code, or `retryable`. */
  async bearer(signal: AbortSignal | undefined): Promise<string> {
    if (this.token !== null && this.options.now() < this.token.expiresOnTimestamp - marginMs) return this.token.token;
    this.asking ??= this.ask().finally(() => {
      this.asking = null;
    });
    const token = await untilAborted(this.asking, signal);
    this.token = token;
    return token.token;
  }

  /** After a 401 for a token that an earlier call was given: drops it, and the credential's cache with it. */
  forget(token: string): void {
    if (this.token?.token !== token) return;
    this.token = null;
    this.credential = this.newCredential();
  }

  /** The token, if any, so that it can be taken out of messages. */
  secrets(): readonly string[] {
    const { auth } = this.target;
    return [...(this.token === null ? [] : [this.token.token]), ...(auth.kind === 'clientSecret' ? [auth.clientSecret] : [])];
  }

  private async ask(): Promise<AccessToken> {
    this.last = undefined;
    try {
      return await withTimeout(this.credential.getToken(this.target.scope), this.options.timeoutMs);
    } catch (error) {
      // After a 429 or a 5xx the library refuses for a minute, or for all of Retry-After, without asking (msal-common, ThrottlingUtils). When to ask again is decided by those who call.
      this.credential = this.newCredential();
      throw this.failureOf(error);
    }
  }

  private newCredential(): TokenCredential {
    const { tenantId, clientId, auth, authorityHost, isMicrosoft } = this.target;
    const options: ClientSecretCredentialOptions = {
      authorityHost,
      disableInstanceDiscovery: !isMicrosoft,
      additionallyAllowedTenants: [],
      retryOptions: { maxRetries: 0 },
      redirectOptions: { maxRetries: 0 },
      additionalPolicies: [{
        position: 'perCall',
        policy: {
          name: 'boundAndWatchTokenRequests',
          sendRequest: async (request, next) => {
            request.timeout = this.options.timeoutMs;
            this.last = undefined;
            const response = await next(request);
            this.last = {
              status: response.status,
              retryAfterMs: retryAfterMs(new Headers(response.headers.toJSON()), this.options.now()),
              code: response.status < 300 ? undefined : refusalIn(response.bodyAsText ?? ''),
            };
            return response;
          },
        },
      }],
      ...(this.options.extraCaPem === undefined ? {} : { tlsOptions: { ca: [...(isMicrosoft ? rootCertificates : []), this.options.extraCaPem] } }),
    };
    return auth.kind === 'clientSecret'
      ? new ClientSecretCredential(tenantId, clientId, auth.clientSecret, options)
      : new ClientCertificateCredential(tenantId, clientId, { certificate: auth.certificatePem }, options);
  }

  /** The library's errors have no status and quote the answer, so everything is taken from the wire instead. */
  private failureOf(error: unknown): ProviderFailure {
    const { last } = this;
    if (last === undefined || error instanceof TimedOut) return failureOf(purpose, 'retryable', 'its authority gave no answer');
    const { code } = last;
    const more = { status: last.status, ...(code === undefined ? {} : { providerCode: code }), ...(last.retryAfterMs === undefined ? {} : { retryAfterMs: last.retryAfterMs }) };
    if (last.status === 429 || last.status >= 500) return failureOf(purpose, 'retryable', `HTTP ${last.status}`, more);
    if (code !== undefined) return failureOf(purpose, 'unauthorized', `the tenant, the application or its credential is refused (${code})`, more);
    return failureOf(purpose, 'invalidAnswer', `its authority answered HTTP ${last.status} with something else than a token`, more);
  }
}

function refusalIn(body: string): string | undefined {
  return refusals.map((pattern) => pattern.exec(body)?.[0]).find((code) => code !== undefined);
}

class TimedOut extends Error {
  override readonly name = 'TimedOut';
}

async function withTimeout(asked: Promise<AccessToken | null>, timeoutMs: number): Promise<AccessToken> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimedOut()), timeoutMs);
  });
  try {
    const token = await Promise.race([asked, late]);
    if (token === null) throw new TypeError('no token');
    return token;
  } finally {
    clearTimeout(timer);
  }
}

/** The request goes on for the others who wait for it; this caller stops waiting. */
async function untilAborted<T>(asked: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return asked;
  const cancelled = () => failureOf(purpose, 'retryable', 'the call was cancelled before it was sent');
  if (signal.aborted) throw cancelled();
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(cancelled());
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([asked, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
