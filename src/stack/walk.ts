import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ProductClient, ProductRefusal, waitFor } from './product-client.js';

const TOOL = 'chatgpt-enterprise';
const DAYS = 30;
const HOUR_MS = 3_600_000;
/** By this text the walk knows its own requests again, and leaves alone those that people made. */
export const SAMPLE_USE = 'Summaries for the quarterly report (sample walk)';

const sandbox = z.looseObject({
  okta: z.looseObject({ baseUrl: z.string(), apiToken: z.string() }),
  jira: z.looseObject({ baseUrl: z.string(), projectKey: z.string() }),
  temporal: z.looseObject({ namespace: z.string(), uiUrl: z.string() }),
  people: z.array(z.looseObject({ accountId: z.string(), displayName: z.string(), roles: z.array(z.string()), siteId: z.string().optional(), oktaLogin: z.string().optional() })),
});
type Sandbox = z.infer<typeof sandbox>;
type Person = Sandbox['people'][number];

const request = z.looseObject({
  id: z.string(),
  issueKey: z.string().nullable(),
  requester: z.looseObject({ accountId: z.string() }),
  businessUse: z.string(),
  decision: z.string(),
  decisionSource: z.string().nullable(),
  policy: z.looseObject({ outcome: z.string() }).nullable(),
  grant: z.looseObject({
    id: z.string(), status: z.string(), startsAt: z.string().nullable(), expiresAt: z.string().nullable(),
    membership: z.looseObject({ observed: z.string(), lastReadAt: z.string().nullable() }).nullable(),
  }).nullable(),
  job: z.looseObject({ lastError: z.string().nullable() }).nullable(),
  workflowId: z.string(),
});
type SampleRequest = z.infer<typeof request>;
const requests = z.looseObject({ items: z.array(request) });
const signedIn = z.looseObject({ token: z.string() });
const tool = z.looseObject({ entitlementGroup: z.looseObject({ externalGroupId: z.string(), name: z.string() }).nullable() });
const oktaUsers = z.array(z.looseObject({ profile: z.looseObject({ login: z.string() }) }));
const verification = z.looseObject({ id: z.string(), status: z.string(), entriesChecked: z.number(), lastSeq: z.number().nullable(), chainHead: z.string().nullable(), firstBad: z.looseObject({ seq: z.number(), reason: z.string() }).nullable() });

export interface Walk {
  /** The last line: head of the audit chain and "verified". */
  readonly lastLine: string;
}

interface Cast {
  readonly info: Sandbox;
  readonly requester: Person;
  readonly approver: Person;
  readonly tokens: { readonly approver: string; readonly admin: string; readonly auditor: string };
}

/**
 * Walks one request for ChatGPT Enterprise from the portal to verified absence through the HTTP API alone, and asks
 * the Okta sandbox itself who is in the group. Goes on with a sample request that an earlier walk left open.
 * @param print takes one line at a time
 * @throws Error with a sentence when a step does not happen
 */
export async function walkSampleRequest(apiUrl: string, print: (line: string) => void): Promise<Walk> {
  const client = new ProductClient(apiUrl);
  const cast = await assemble(client);
  const started = (await findOpenSample(client, cast)) ?? (await askOnPortal(client, cast, print));
  const links = linksOf(client, cast, started);
  print(`   request   ${links.request}`);
  print(`   issue     ${links.issue}`);
  print(`   workflow  ${links.workflow}`);
  const policy = await approve(client, cast, started, print);
  const active = await untilActive(client, cast, policy, print);
  await compareWithOkta(client, cast, 'has', active, print);
  const ended = await letExpire(client, cast, active, print);
  await compareWithOkta(client, cast, 'has not', ended, print);
  return { lastLine: await verifyChain(client, cast, print) };
}

/** Has a sample request come to its end in this data folder, and is none open? Then a restart need not walk again. */
export async function sampleIsDone(apiUrl: string): Promise<boolean> {
  const client = new ProductClient(apiUrl);
  const cast = await assemble(client);
  const all = await sampleRequests(client, cast);
  return all.length > 0 && all.every(isClosed);
}

async function assemble(client: ProductClient): Promise<Cast> {
  const info = await client.get('/api/v1/sandbox', sandbox);
  const site = info.people[0]?.siteId;
  const here = info.people.filter((person) => person.siteId === site);
  const find = (what: string, fits: (person: Person) => boolean): Person => {
    const found = here.find(fits);
    if (found === undefined) throw new Error(`The sandbox has no ${what}`);
    return found;
  };
  const approver = find('approver', ({ roles }) => roles.includes('approver'));
  const admin = find('admin', ({ roles }) => roles.includes('admin'));
  const auditor = find('auditor', ({ roles }) => roles.includes('auditor'));
  const signIn = async ({ accountId }: Person): Promise<string> => (await client.post('/api/v1/sandbox/sign-in', signedIn, { body: { accountId }, idempotencyKey: randomUUID() })).token;
  const [approverToken, adminToken, auditorToken] = await Promise.all([signIn(approver), signIn(admin), signIn(auditor)]);
  const tokens = { approver: approverToken, admin: adminToken, auditor: auditorToken };
  const holders = await openHolders(client, tokens.admin);
  const requester = find('person with an Okta mapping who has no open access to the tool', (person) => person.roles.length === 1 && person.oktaLogin !== undefined && !holders.has(person.accountId));
  return { info, requester, approver, tokens };
}

const isClosed = ({ decision, grant }: SampleRequest): boolean =>
  ['denied', 'withdrawn', 'lapsed'].includes(decision) || (grant !== null && ['expired', 'revoked'].includes(grant.status));

/** Who has open access, or asks for it, other than through a sample: a second grant would be refused (SPEC A4). */
async function openHolders(client: ProductClient, token: string): Promise<ReadonlySet<string>> {
  const { items } = await client.get(`/api/v1/requests?toolKey=${TOOL}&limit=200`, requests, token);
  return new Set(items.filter((item) => !isClosed(item) && item.businessUse !== SAMPLE_USE).map((item) => item.requester.accountId));
}

async function sampleRequests(client: ProductClient, { tokens }: Cast): Promise<readonly SampleRequest[]> {
  const { items } = await client.get(`/api/v1/requests?toolKey=${TOOL}&limit=200`, requests, tokens.admin);
  return items.filter(({ businessUse }) => businessUse === SAMPLE_USE);
}

async function findOpenSample(client: ProductClient, cast: Cast): Promise<SampleRequest | undefined> {
  return (await sampleRequests(client, cast)).find((item) => !isClosed(item));
}

async function askOnPortal(client: ProductClient, { info, requester, tokens }: Cast, print: (line: string) => void): Promise<SampleRequest> {
  const snapshot = { toolKey: TOOL, businessUse: SAMPLE_USE, dataClasses: ['internal'], durationDays: DAYS };
  const { issueKey } = await client.post('/api/v1/sandbox/portal-requests', z.looseObject({ issueKey: z.string() }), {
    token: tokens.admin, body: { accountId: requester.accountId, snapshot, projectKey: info.jira.projectKey }, idempotencyKey: randomUUID(),
  });
  print(`1. ${requester.displayName} asks for ChatGPT Enterprise for ${DAYS} days on the portal: issue ${issueKey}`);
  return waitFor(`The request of ${issueKey}`, async () => (await client.get(`/api/v1/requests?issueKey=${issueKey}`, requests, tokens.admin)).items[0]);
}

const look = (client: ProductClient, { tokens }: Cast, id: string): Promise<SampleRequest> => client.get(`/api/v1/requests/${id}`, request, tokens.admin);

function linksOf(client: ProductClient, { info }: Cast, { id, issueKey, workflowId }: SampleRequest): { readonly request: string; readonly issue: string; readonly workflow: string } {
  return {
    request: `${client.baseUrl}/api/v1/requests/${id}`,
    issue: `${info.jira.baseUrl}/rest/api/3/issue/${issueKey ?? ''}`,
    workflow: `${info.temporal.uiUrl}/namespaces/${info.temporal.namespace}/workflows/${encodeURIComponent(workflowId)}`,
  };
}

async function approve(client: ProductClient, cast: Cast, started: SampleRequest, print: (line: string) => void): Promise<SampleRequest> {
  const reviewed = await waitFor('The policy decision', async () => {
    const seen = await look(client, cast, started.id);
    return seen.policy === null && seen.decision === 'pending' ? undefined : seen;
  });
  if (reviewed.decision !== 'pending') return reviewed;
  print(`2. Policy says: ${reviewed.policy?.outcome ?? ''}; the request waits for a person`);
  try {
    await client.post(`/api/v1/requests/${started.id}/decisions`, request, {
      token: cast.tokens.approver, body: { decision: 'approve', comment: 'Fits the guidelines (sample walk).' }, idempotencyKey: `walk-${started.id}-approve`,
    });
  } catch (error) {
    // An earlier walk was stopped between its vote and the answer.
    if (!(error instanceof ProductRefusal) || error.code !== 'request.already_decided') throw error;
  }
  print(`3. ${cast.approver.displayName} approves`);
  return look(client, cast, started.id);
}

async function untilActive(client: ProductClient, cast: Cast, { id }: SampleRequest, print: (line: string) => void): Promise<SampleRequest> {
  let last: SampleRequest | undefined;
  const isReached = (seen: SampleRequest): boolean => isClosed(seen) || ['active', 'removing'].includes(seen.grant?.status ?? '');
  const reached = await waitFor('The activation of the grant', async () => {
    last = await look(client, cast, id);
    return isReached(last) ? last : undefined;
  }, 90_000).catch((error: unknown) => {
    throw new Error(`${error instanceof Error ? error.message : String(error)}; last error of its job: ${last?.job?.lastError ?? 'none'}`, { cause: error });
  });
  if (reached.grant === null) throw new Error(`The request ended as ${reached.decision} (${reached.decisionSource ?? ''})`);
  if (reached.grant.status === 'active') print(`4. The grant is active: the membership was written and read back at ${reached.grant.membership?.lastReadAt ?? '?'}`);
  return reached;
}

/** Asks the vendor, not the product. A walk that goes on after the expiry has nothing to see any more. */
async function compareWithOkta(client: ProductClient, cast: Cast, expected: 'has' | 'has not', seen: SampleRequest, print: (line: string) => void): Promise<void> {
  if (expected === 'has' && seen.grant?.status !== 'active') return;
  const { entitlementGroup } = await client.get(`/api/v1/tools/${TOOL}`, tool, cast.tokens.admin);
  if (entitlementGroup === null) throw new Error(`${TOOL} has no entitlement group`);
  const path = `/api/v1/groups/${entitlementGroup.externalGroupId}/users?limit=200`;
  const answer = await fetch(new URL(path, cast.info.okta.baseUrl), { headers: { authorization: `SSWS ${cast.info.okta.apiToken}`, accept: 'application/json' } });
  const logins = oktaUsers.parse(await answer.json()).map(({ profile }) => profile.login);
  const requesterLogin = cast.info.people.find(({ accountId }) => accountId === seen.requester.accountId)?.oktaLogin ?? '';
  if (logins.includes(requesterLogin) !== (expected === 'has')) throw new Error(`Okta's members list of "${entitlementGroup.name}" should ${expected === 'has' ? '' : 'not '}have ${requesterLogin}; it has: ${logins.join(', ') || 'nobody'}`);
  print(`${expected === 'has' ? 5 : 8}. Okta itself, asked for the members of "${entitlementGroup.name}", ${expected} ${requesterLogin}`);
  print(`   curl -H 'Authorization: SSWS ${cast.info.okta.apiToken}' '${cast.info.okta.baseUrl}${path}'`);
}

async function letExpire(client: ProductClient, cast: Cast, active: SampleRequest, print: (line: string) => void): Promise<SampleRequest> {
  const clock = z.looseObject({ now: z.string(), woken: z.number() });
  const advance = (advanceHours: number) => client.post('/api/v1/sandbox/clock', clock, { token: cast.tokens.admin, body: { advanceHours }, idempotencyKey: randomUUID() });
  const expiresAt = active.grant?.expiresAt;
  if (active.grant?.status === 'active' && typeof expiresAt === 'string') {
    const { now } = await advance(0);
    const hours = Math.max(0, Math.ceil((Date.parse(expiresAt) - Date.parse(now)) / HOUR_MS) + 1);
    const moved = await advance(hours);
    print(`6. The sandbox clock moves ${hours} hours ahead, to ${moved.now}: past the expiry at ${expiresAt}`);
  }
  const ended = await waitFor('The confirmed end of the access', async () => {
    const seen = await look(client, cast, active.id);
    return isClosed(seen) && seen.grant?.membership?.observed !== 'present' ? seen : undefined;
  }, 90_000);
  print(`7. The grant is ${ended.grant?.status ?? ''}: the membership was removed and read back as ${ended.grant?.membership?.observed ?? 'absent'}`);
  return ended;
}

async function verifyChain(client: ProductClient, { tokens }: Cast, print: (line: string) => void): Promise<string> {
  const begun = await client.post('/api/v1/audit/verifications', verification, { token: tokens.auditor, body: {}, idempotencyKey: randomUUID() });
  const done = begun.status !== 'running' ? begun : await waitFor('The verification of the audit chain', async () => {
    const seen = await client.get('/api/v1/audit/verifications/latest', verification, tokens.auditor);
    return seen.id === begun.id && seen.status !== 'running' ? seen : undefined;
  });
  if (done.status !== 'ok' || done.lastSeq === null || done.chainHead === null) throw new Error(`The audit chain is ${done.status}${done.firstBad === null ? '' : `: entry ${done.firstBad.seq}, ${done.firstBad.reason}`}`);
  print(`9. The audit chain of ${done.entriesChecked} entries is recomputed from its first one`);
  return `Chain head ${done.lastSeq} ${done.chainHead} verified`;
}
