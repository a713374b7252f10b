import { join } from 'node:path';
import { z } from 'zod';
import type { Route, Vendor, VendorAnswer, VendorRequest } from '../http/messages.js';
import { RateLimiter } from '../http/rate-limiter.js';
import type { RateLimit } from '../http/rate-limiter.js';
import { Router } from '../http/router.js';
import { VendorServer } from '../http/vendor-server.js';
import { EventStore } from '../state/event-store.js';
import { newGuid, newSecret } from '../state/identifiers.js';
import { ReadLag } from '../state/lagged-table.js';
import { keptOnce } from '../state/secrets.js';
import { selfSignedForLoopback } from '../tls/self-signed.js';
import { entraSeed } from './entra-seed.js';
import { EntraState, entraEventSchema } from './entra-state.js';
import type { EntraTenant } from './entra-tenant.js';
import { graphError } from './graph-answers.js';
import { GraphGroups } from './graph-groups.js';
import { GraphMembers } from './graph-members.js';
import { GraphUsers } from './graph-users.js';
import { microsoftControl } from './microsoft-control.js';
import { TokenEndpoint } from './token-endpoint.js';

export interface MicrosoftSandboxOptions {
  readonly dataDir?: string;
  /** Absent or 0: any free port. */
  readonly port?: number;
  readonly tlsPort?: number;
  /** Absent: drawn at random and kept with the data. */
  readonly tenantId?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** Certificate or public key (PEM) of an app that signs in with a certificate. */
  readonly certificatePem?: string;
  readonly rateLimit?: RateLimit;
  readonly now?: () => number;
}

export interface MicrosoftSandbox {
  /** Plain HTTP, no path: control surface, token endpoint and Graph. */
  readonly baseUrl: string;
  /** HTTPS with the self-signed certificate; Microsoft's client libraries take nothing else. */
  readonly authorityHost: string;
  /** The same token endpoint over plain HTTP. */
  readonly authorityHostHttp: string;
  /** Plain HTTP, ends in `/v1.0`. */
  readonly graphBaseUrl: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Certificate that a client must trust for `authorityHost`. */
  readonly caPem: string;
  stop(): Promise<void>;
}

const keptSchema = z.object({
  tenantId: z.string(),
  clientId: z.string(),
  clientSecret: z.string(),
  signingSecret: z.string(),
  tlsKey: z.string(),
  tlsCert: z.string(),
});
type Kept = z.infer<typeof keptSchema>;

class MicrosoftVendor implements Vendor {
  readonly control: readonly Route[];
  private readonly graph: Router;
  private readonly login: Router;

  constructor(private readonly tenant: EntraTenant, private readonly tokens: TokenEndpoint, private readonly limiter: RateLimiter) {
    this.graph = new Router([new GraphGroups(tenant), new GraphMembers(tenant), new GraphUsers(tenant)].flatMap((part) => part.routes()));
    this.login = new Router(tokens.routes());
    this.control = microsoftControl(tenant, limiter);
  }

  async handle(request: VendorRequest): Promise<VendorAnswer> {
    if (!request.path.startsWith('/v1.0/')) {
      return this.login.answer(request, () => ({ status: 404, body: { error: 'not_found', error_description: 'AADSTS90024: No such endpoint.' } }));
    }
    const rate = this.limiter.use('graph');
    const answer = rate.allowed ? await this.authorized(request) : this.throttled(rate.resetAt);
    const requestId = newGuid();
    return { ...answer, headers: { 'request-id': requestId, 'client-request-id': requestId, ...answer.headers } };
  }

  errorFor(status: number): VendorAnswer {
    return graphError(status);
  }

  close(): void {
    this.tenant.store.close();
  }

  private async authorized(request: VendorRequest): Promise<VendorAnswer> {
    const refused = this.tokens.refusal(request);
    if (refused !== undefined) return refused;
    return this.graph.answer(request, (kind) => {
      if (kind === 'wrongMethod') return graphError(405);
      const piece = request.path.split('/').at(-1) ?? '';
      return graphError(400, `Resource not found for the segment '${piece}'.`, 'BadRequest');
    });
  }

  private throttled(resetAt: number): VendorAnswer {
    const answer = graphError(429);
    return { ...answer, headers: { ...answer.headers, 'Retry-After': String(Math.max(1, Math.ceil((resetAt - this.tenant.now()) / 1000))) } };
  }
}

function draw(): Kept {
  const { key, cert } = selfSignedForLoopback('AI Clearance sandbox');
  return { tenantId: newGuid(), clientId: newGuid(), clientSecret: newSecret(), signingSecret: newSecret(), tlsKey: key, tlsCert: cert };
}

/** Starts a stateful Entra tenant with its token endpoint and Microsoft Graph on loopback, over HTTP and HTTPS. */
export async function startMicrosoftSandbox(options: MicrosoftSandboxOptions = {}): Promise<MicrosoftSandbox> {
  const { dataDir, certificatePem } = options;
  const now = options.now ?? Date.now;
  const file = (name: string): string | undefined => (dataDir === undefined ? undefined : join(dataDir, name));
  const kept = keptOnce(dataDir, 'secrets.json', keptSchema, draw);
  const registration = {
    tenantId: options.tenantId ?? kept.tenantId,
    clientId: options.clientId ?? kept.clientId,
    clientSecret: options.clientSecret ?? kept.clientSecret,
    signingSecret: kept.signingSecret,
    ...(certificatePem === undefined ? {} : { certificatePem }),
  };
  const lag = new ReadLag(now);
  const state = new EntraState(lag);
  const tenant: EntraTenant = { state, store: new EventStore(file('state.jsonl'), entraEventSchema, state, entraSeed), now };
  const tokens = new TokenEndpoint(registration, state, now);
  const vendor = new MicrosoftVendor(tenant, tokens, new RateLimiter(options.rateLimit ?? { limit: 100_000, windowMs: 10_000 }, now));
  const callLogFile = file('calls.jsonl');
  const server = new VendorServer(vendor, {
    lag,
    tls: { key: kept.tlsKey, cert: kept.tlsCert, ...(options.tlsPort === undefined ? {} : { port: options.tlsPort }) },
    controlPrefixes: ['/v1.0'],
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(callLogFile === undefined ? {} : { callLogFile }),
  });
  const running = await server.start();
  const baseUrl = `http://127.0.0.1:${running.port}`;
  return {
    baseUrl,
    authorityHost: `https://127.0.0.1:${running.tlsPort ?? 0}`,
    authorityHostHttp: baseUrl,
    graphBaseUrl: `${baseUrl}/v1.0`,
    tenantId: registration.tenantId,
    clientId: registration.clientId,
    clientSecret: registration.clientSecret,
    caPem: kept.tlsCert,
    stop: () => running.stop(),
  };
}
