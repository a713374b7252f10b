import { join } from 'node:path';
import { z } from 'zod';
import type { Route, Vendor, VendorAnswer, VendorRequest } from '../http/messages.js';
import { Router } from '../http/router.js';
import { VendorServer } from '../http/vendor-server.js';
import { EventStore } from '../state/event-store.js';
import { guidOf, newSecret } from '../state/identifiers.js';
import { ReadLag } from '../state/lagged-table.js';
import { keptOnce } from '../state/secrets.js';
import { worldPeople } from '../world.js';
import type { SiteId } from '../world.js';
import { EventDelivery } from './event-delivery.js';
import type { DeliverEvent, DeliveryOptions } from './event-delivery.js';
import { jiraError } from './jira-answers.js';
import { JiraComments } from './jira-comments.js';
import { createPortalRequest, jiraControl } from './jira-control.js';
import type { PortalRequest } from './jira-control.js';
import { JiraIssues } from './jira-issues.js';
import { JiraLimiter, rateHeaders, tooMany } from './jira-limits.js';
import type { JiraLimits } from './jira-limits.js';
import { JiraPeople } from './jira-people.js';
import { JiraSearch } from './jira-search.js';
import { JiraServiceDesk } from './jira-service-desk.js';
import { JiraSite, serviceAccountId } from './jira-site.js';
import { JiraState, jiraEventSchema } from './jira-state.js';
import type { JiraEvent } from './jira-state.js';
import { tenantOf } from './jira-tenant.js';

export interface JiraSandboxOptions {
  /** Which site of the sandbox world this tenant serves. */
  readonly siteId?: SiteId;
  readonly dataDir?: string;
  readonly port?: number;
  /** Absent: drawn at random and kept with the data. */
  readonly apiToken?: string;
  /** Key of the property that the portal's create panel fills: the UUID of the Forge app. */
  readonly propertyKey?: string;
  readonly delivery?: DeliveryOptions;
  readonly limits?: JiraLimits;
  readonly now?: () => number;
}

export interface JiraSandbox {
  readonly siteId: SiteId;
  readonly cloudId: string;
  readonly baseUrl: string;
  readonly apiToken: string;
  /** For Basic authentication; the token alone works as Bearer. */
  readonly email: string;
  readonly serviceAccountId: string;
  readonly projectKey: string;
  readonly serviceDeskId: string;
  /** The request types that the intake is meant to accept. */
  readonly requestTypeIds: readonly string[];
  readonly recertificationIssueTypeId: string;
  readonly propertyKey: string;
  /** Plays the customer portal; the event is delivered after the return. */
  createPortalRequest(input: PortalRequest): { issueKey: string };
  /** Names where events go from now on. */
  setDelivery(deliver: DeliverEvent): void;
  stop(): Promise<void>;
}

/** UUID of the made-up Forge app. */
export const sandboxPropertyKey = guidOf('ai-clearance:forge-app');
const serviceEmail = 'ai-clearance@service.example';
const secretsSchema = z.object({ apiToken: z.string(), signingSecret: z.string() });

class JiraVendor implements Vendor {
  readonly control: readonly Route[];
  private readonly router: Router;

  constructor(private readonly site: JiraSite, propertyKey: string, private readonly limiter: JiraLimiter) {
    const groups = [new JiraIssues(site), new JiraComments(site), new JiraSearch(site), new JiraPeople(site), new JiraServiceDesk(site)];
    this.router = new Router(groups.flatMap((group) => group.routes()));
    this.control = jiraControl(site, propertyKey);
  }

  async handle(request: VendorRequest): Promise<VendorAnswer> {
    const { headers, refusal } = this.limiter.check(request);
    const answer = refusal ?? (await this.authorized(request));
    return { ...answer, headers: { ...headers, ...answer.headers } };
  }

  errorFor(status: number): VendorAnswer {
    if (status !== 429) return jiraError(status, [`Sandbox fault ${status}`]);
    const resetAt = this.site.now() + 1000;
    const answer = tooMany('jira-burst-based', resetAt, this.site.now());
    return { ...answer, headers: { ...rateHeaders({ allowed: false, limit: this.limiter.burst.rate.limit, remaining: 0, resetAt }), ...answer.headers } };
  }

  async close(): Promise<void> {
    await this.site.delivery.stop();
    this.site.store.close();
  }

  private async authorized(request: VendorRequest): Promise<VendorAnswer> {
    if (this.site.caller(request) === undefined) return jiraError(401, ['Client must be authenticated to access this resource.']);
    return this.router.answer(request, (kind) => (kind === 'wrongMethod' ? jiraError(405, ['Method not allowed']) : jiraError(404, ['null for uri: ' + request.path])));
  }
}

function* seed(siteId: SiteId): Iterable<JiraEvent> {
  const { site } = tenantOf(siteId);
  yield {
    kind: 'user',
    user: { accountId: serviceAccountId, accountType: 'atlassian', displayName: 'AI Clearance', email: serviceEmail, active: true, timeZone: site.timeZone, groups: ['jira-users'] },
  };
  for (const person of worldPeople) {
    if (person.siteId !== siteId) continue;
    const { accountId, accountType, displayName, email, jiraGroups } = person;
    yield { kind: 'user', user: { accountId, accountType, displayName, email, active: true, timeZone: site.timeZone, groups: [...jiraGroups] } };
  }
}

/** Starts a stateful Jira Cloud tenant on loopback; may be started once per site. */
export async function startJiraSandbox(options: JiraSandboxOptions = {}): Promise<JiraSandbox> {
  const { dataDir, siteId = 'acme', propertyKey = sandboxPropertyKey } = options;
  const now = options.now ?? Date.now;
  const file = (name: string): string | undefined => (dataDir === undefined ? undefined : join(dataDir, name));
  const kept = keptOnce(dataDir, 'secrets.json', secretsSchema, () => ({ apiToken: `ATATT${newSecret()}`, signingSecret: newSecret() }));
  const secrets = { ...kept, apiToken: options.apiToken ?? kept.apiToken };
  const tenant = tenantOf(siteId);
  const lag = new ReadLag(now);
  const state = new JiraState(lag);
  const store = new EventStore(file('state.jsonl'), jiraEventSchema, state, () => seed(siteId));
  const site = new JiraSite(tenant, state, store, new EventDelivery(options.delivery ?? {}), secrets, now);
  const callLogFile = file('calls.jsonl');
  const server = new VendorServer(new JiraVendor(site, propertyKey, new JiraLimiter(options.limits ?? {}, now)), {
    lag, ...(options.port === undefined ? {} : { port: options.port }), ...(callLogFile === undefined ? {} : { callLogFile }),
  });
  const running = await server.start();
  const baseUrl = `http://127.0.0.1:${running.port}`;
  site.openDelivery(baseUrl);
  return {
    siteId, cloudId: tenant.site.cloudId, baseUrl, apiToken: secrets.apiToken, email: serviceEmail, serviceAccountId, propertyKey,
    projectKey: tenant.site.project.key, serviceDeskId: tenant.site.project.serviceDeskId,
    requestTypeIds: tenant.site.project.requestTypes.filter((type) => type.intake).map((type) => type.id),
    recertificationIssueTypeId: tenant.site.project.recertificationIssueTypeId,
    createPortalRequest: (input) => createPortalRequest(site, propertyKey, input),
    setDelivery: (deliver) => site.delivery.setTarget(deliver),
    stop: () => running.stop(),
  };
}
