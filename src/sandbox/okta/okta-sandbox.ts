import { join } from 'node:path';
import { z } from 'zod';
import { controlOk } from '../http/control-surface.js';
import type { Route, Vendor, VendorAnswer, VendorRequest } from '../http/messages.js';
import { RateLimiter } from '../http/rate-limiter.js';
import type { RateLimit, RateState } from '../http/rate-limiter.js';
import { Router } from '../http/router.js';
import { VendorServer } from '../http/vendor-server.js';
import { EventStore } from '../state/event-store.js';
import { newSecret, oktaIdOf } from '../state/identifiers.js';
import { ReadLag } from '../state/lagged-table.js';
import { keptOnce } from '../state/secrets.js';
import { OktaAccess } from './okta-access.js';
import type { OktaServiceApp } from './okta-access.js';
import { oktaError } from './okta-answers.js';
import { oktaControl } from './okta-control.js';
import { OktaGroups } from './okta-groups.js';
import type { OktaOrg } from './okta-groups.js';
import { oktaSeed } from './okta-seed.js';
import { OktaState, oktaEventSchema } from './okta-state.js';
import { OktaUsers } from './okta-users.js';

export interface OktaSandboxOptions {
  /** Folder that keeps the org over restarts; absent: memory only. */
  readonly dataDir?: string;
  /** Absent or 0: any free port. */
  readonly port?: number;
  /** Absent: drawn at random and kept with the data. */
  readonly apiToken?: string;
  readonly serviceApps?: readonly OktaServiceApp[];
  /** Requests per window and endpoint family; generous unless set, so that benchmarks measure the product. */
  readonly rateLimit?: RateLimit;
  readonly now?: () => number;
}

export interface OktaSandbox {
  readonly baseUrl: string;
  readonly apiToken: string;
  stop(): Promise<void>;
}

const secretsSchema = z.object({ apiToken: z.string(), signingSecret: z.string() });

class OktaVendor implements Vendor {
  readonly control: readonly Route[];
  private readonly router: Router;

  constructor(private readonly org: OktaOrg, private readonly access: OktaAccess, private readonly limiter: RateLimiter) {
    this.router = new Router([...new OktaGroups(org).routes(), ...new OktaUsers(org).routes()]);
    this.control = oktaControl(org, limiter);
  }

  async handle(request: VendorRequest): Promise<VendorAnswer> {
    if (request.path === '/.well-known/okta-organization') return this.organization(request);
    const rate = this.limiter.use(request.path.split('/').slice(0, 4).join('/'));
    const answer = rate.allowed ? await this.authorized(request) : oktaError(429);
    return { ...answer, headers: { ...rateHeaders(rate), 'X-Okta-Request-Id': newSecret().slice(0, 22), ...answer.headers } };
  }

  errorFor(status: number): VendorAnswer {
    const answer = oktaError(status);
    if (status !== 429) return answer;
    const resetAt = this.org.now() + 1000;
    return { ...answer, headers: rateHeaders({ allowed: false, limit: this.limiter.rate.limit, remaining: 0, resetAt }) };
  }

  close(): void {
    this.org.store.close();
  }

  private async authorized(request: VendorRequest): Promise<VendorAnswer> {
    if (request.path === '/oauth2/v1/token') return request.method === 'POST' ? this.access.issue(request) : oktaError(405);
    const scopes = this.access.scopesOf(request);
    if (scopes === undefined) return oktaError(401);
    if (scopes !== 'all' && !mayCall(scopes, request)) return oktaError(403);
    return this.router.answer(request, (kind) => (kind === 'wrongMethod' ? oktaError(405) : oktaError(404, 'Not found: Resource not found: (Resource)')));
  }

  private organization(request: VendorRequest): VendorAnswer {
    return controlOk({ id: oktaIdOf('00o', 'acme'), pipeline: 'idx', _links: { organization: { href: request.origin } } });
  }
}

/** Scopes per operation: management OpenAPI, `security` of each path. */
function mayCall(scopes: readonly string[], request: VendorRequest): boolean {
  const family = request.path.startsWith('/api/v1/users') ? 'users' : 'groups';
  const manage = scopes.includes(`okta.${family}.manage`);
  return request.method === 'GET' ? manage || scopes.includes(`okta.${family}.read`) : manage;
}

function rateHeaders(rate: RateState): Record<string, string> {
  return {
    'X-Rate-Limit-Limit': String(rate.limit),
    'X-Rate-Limit-Remaining': String(rate.remaining),
    'X-Rate-Limit-Reset': String(Math.ceil(rate.resetAt / 1000)),
  };
}

/** Starts a stateful Okta org on loopback, with the people and groups of the sandbox world. */
export async function startOktaSandbox(options: OktaSandboxOptions = {}): Promise<OktaSandbox> {
  const { dataDir } = options;
  const now = options.now ?? Date.now;
  const file = (name: string): string | undefined => (dataDir === undefined ? undefined : join(dataDir, name));
  const kept = keptOnce(dataDir, 'secrets.json', secretsSchema, () => ({ apiToken: `00${newSecret()}`, signingSecret: newSecret() }));
  const secrets = { ...kept, apiToken: options.apiToken ?? kept.apiToken };
  const lag = new ReadLag(now);
  const state = new OktaState(lag);
  const org: OktaOrg = { state, store: new EventStore(file('state.jsonl'), oktaEventSchema, state, oktaSeed), now };
  const access = new OktaAccess(secrets, options.serviceApps ?? [], state, now);
  const vendor = new OktaVendor(org, access, new RateLimiter(options.rateLimit ?? { limit: 120_000, windowMs: 60_000 }, now));
  const callLogFile = file('calls.jsonl');
  const server = new VendorServer(vendor, { lag, ...(options.port === undefined ? {} : { port: options.port }), ...(callLogFile === undefined ? {} : { callLogFile }) });
  const running = await server.start();
  return { baseUrl: `http://127.0.0.1:${running.port}`, apiToken: secrets.apiToken, stop: () => running.stop() };
}
