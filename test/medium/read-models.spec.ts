import { randomUUID } from 'node:crypto';
import { createQueries, type Queries } from '../../src/persistence/read-models/queries.js';
import type { Keyset, Rows } from '../../src/application/ports/api-queries.port.js';
import type { Principal } from '../../src/application/ports/api-commands.port.js';
import { auditEventView } from '../../src/contracts/audit.contract.js';
import { grantView } from '../../src/contracts/grant.contract.js';
import { jobView, manualActionView } from '../../src/contracts/job.contract.js';
import { meView } from '../../src/contracts/me.contract.js';
import { portalContext } from '../../src/contracts/portal.contract.js';
import { requestView, timelineEntry } from '../../src/contracts/request.contract.js';
import type { RequestView } from '../../src/application/ports/api-views.js';
import { refuseVote } from '../../src/domain/approval/decide.js';
import { PgRecordStore } from '../../src/persistence/stores/record.store.js';
import { admin, Fixture, OTHER_SITE, person, SITE } from './admin-fixture.js';

const POLICY = { outcome: 'review', stages: ['project'], limits: { maxDurationDays: 90 }, rules: [{ rule: 'default.by_risk', effect: 'review', detail: 'The default for risk low is review' }], version: 7, policyHash: 'p', inputHash: 'i' };
const auditor = person('auditor-1', ['requester', 'auditor']);
const newest = { limit: 50, after: null };

interface Row { readonly [column: string]: unknown }
/** Builders write straight to the tables; what the record means is the read models' business here. */
class Record1 {
  constructor(readonly fixture: Fixture) {}
  async insert(table: string, row: Row): Promise<void> {
    const columns = Object.keys(row);
    const values = Object.values(row).map((value) => (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date) ? JSON.stringify(value) : value));
    await this.fixture.rows(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((_name, index) => `$${index + 1}`).join(', ')})`, values);
  }
  async request(over: Row = {}): Promise<string> {
    const id = `req_${randomUUID()}`;
    await this.insert('request', {
      id, site_id: SITE, project_key: 'AI', tool_key: 'claude-team', requester: 'p-ada', submitted_by: 'p-ada', business_use: 'work', data_classes: ['public'], duration_days: 30, content_hash: 'h',
      decision: 'pending', policy: POLICY, stages: ['project'], pending_stage: 'project', breach_at: new Date(Date.now() + 86_400_000), created_at: new Date(), ...over,
    });
    return id;
  }
  async grant(requestId: string, over: Row = {}): Promise<string> {
    const id = `grant_${randomUUID()}`;
    await this.insert('access_grant', {
      id, site_id: SITE, request_id: requestId, account_id: 'p-ada', tool_key: 'claude-team', status: 'active', fulfilment: 'none', duration_days: 30, first_started_at: new Date(), starts_at: new Date(),
      expires_at: new Date(Date.now() + 10 * 86_400_000), start_evidence: 'noConnector', created_at: new Date(), ...over,
    });
    return id;
  }
  approved = { decision: 'approved', decision_source: 'human', decided_by: 'ap-1', decided_at: new Date(), pending_stage: null };
}

async function everyPage<T>(read: (after: Keyset | null) => Promise<Rows<T>>): Promise<T[]> {
  const items: T[] = [];
  for (let after: Keyset | null = null; ;) {
    const page: Rows<T> = await read(after);
    items.push(...page.items);
    if (page.next === null) return items;
    after = page.next;
  }
}

describe('read models of requests', () => {
  let fixture: Fixture;
  let record: Record1;
  let queries: Queries;
  beforeAll(async () => {
    fixture = await Fixture.start();
    record = new Record1(fixture);
    queries = createQueries(fixture.uow);
    await record.insert('project_registry', { id: 'pr-1', site_id: SITE, key: 'AI', approver_account_ids: ['ap-1'], security_reviewer_account_ids: ['sec-1'] });
    await record.insert('project_registry', { id: 'pr-2', site_id: SITE, key: 'OTHER', approver_account_ids: ['ap-2'] });
  });
  afterAll(() => fixture.stop());
  /** What the commands' own premises let this person decide. */
  const allowed = async (principal: Principal, views: readonly RequestView[]): Promise<string[]> => {
    const store = new PgRecordStore();
    return fixture.uow.run(SITE, async (tx) => {
      const allowed: string[] = [];
      for (const { id } of views) {
        const found = await store.lockCase(tx, id);
        if (found === null) throw new Error(`no request ${id}`);
        const { request, reviews } = found;
        const voter = { accountId: principal.accountId, isAdmin: principal.roles.has('admin'), sharesIdentityWithRequester: await store.sharesIdentity(tx, principal.accountId, request.requester), sharesIdentityWithReviewer: false };
        for (const { accountId } of reviews) voter.sharesIdentityWithReviewer ||= await store.sharesIdentity(tx, principal.accountId, accountId);
        if (refuseVote({ request, reviews, routing: await store.routing(tx, request.projectKey, [request.requester, ...reviews.map(({ accountId }) => accountId)]), voter }) === null) allowed.push(id);
      }
      return allowed;
    });
  };
  const ids = async (principal: Principal): Promise<readonly string[]> => (await queries.requests.list(principal, newest)).items.map(({ id }) => id);

  it('shows a request to its requester, to those it is routed to, to admins and auditors, and to nobody else', async () => {
    const id = await record.request({ requester: 'p-bob', submitted_by: 'p-bob' });
    for (const principal of [person('p-bob'), person('ap-1'), person('sec-1'), admin(), auditor]) {
      expect(requestView.parse(await queries.requests.find(principal, id)).id).toBe(id);
      expect(await ids(principal)).toContain(id);
    }
    for (const principal of [person('p-ada'), person('ap-2'), person('p-bob', ['admin'], OTHER_SITE)]) {
      expect(await queries.requests.find(principal, id)).toBeNull();
      expect(await queries.requests.timeline(principal, id)).toBeNull();
      expect(await ids(principal)).not.toContain(id);
    }
  });

  it('shows what no registered project decides to those whom the site\'s routing names', async () => {
    await record.insert('site_setting', { site_id: SITE, name: 'routing', value: { approvers: ['ap-site'], securityReviewers: ['sec-site'], adminFallback: 'never' } });
    const [elsewhere, registered] = [await record.request({ project_key: 'ELSEWHERE' }), await record.request()];
    const grantId = await record.grant(elsewhere, { status: 'pendingProvision', tool_key: 'cursor' });
    const action = { site_id: SITE, request_id: elsewhere, grant_id: grantId, kind: 'provision', reason: 'tool.manual', detail: 'Add the person by hand', assignee: 'owner-1', due_at: new Date(), opened_at: new Date() };
    await record.insert('manual_action', { id: 'act-elsewhere', ...action });
    await record.insert('provisioning_job', { id: 'job-elsewhere', site_id: SITE, request_id: elsewhere, grant_id: grantId, kind: 'provision', status: 'manual', created_at: new Date() });
    for (const principal of [person('ap-site'), person('sec-site')]) {
      expect((await queries.requests.find(principal, elsewhere))?.abilities.decide).toEqual(principal.accountId === 'ap-site' ? { allowed: true } : { allowed: false, reason: 'review.not_approver' });
      expect(await queries.requests.timeline(principal, elsewhere)).not.toBeNull();
      expect(await ids(principal)).toEqual([elsewhere]);
      expect(await queries.requests.find(principal, registered)).toBeNull();
      expect((await queries.grants.find(principal, grantId))?.abilities.revoke).toEqual({ allowed: true });
      expect((await queries.jobs.listJobs(principal, newest)).items.map(({ id }) => id)).toEqual(['job-elsewhere']);
      expect((await queries.me.manualActions(principal, newest)).items.map(({ id }) => id)).toEqual(['act-elsewhere']);
      expect(await queries.me.me(principal)).toMatchObject({ roles: ['requester', 'approver'], approverOf: [], abilities: { decide: { allowed: true }, completeManualActions: { allowed: true } } });
    }
    expect((await queries.me.approvals(person('ap-site'), newest)).items.map(({ id }) => id)).toEqual([elsewhere]);
    expect(await queries.requests.find(person('ap-1'), elsewhere)).toBeNull();
  });

  it('says what each may do and why not', async () => {
    const id = await record.request();
    const abilities = async (principal: Principal): Promise<Record<string, unknown>> => ({ ...(await queries.requests.find(principal, id))?.abilities });
    expect(await abilities(person('p-ada'))).toMatchObject({ decide: { allowed: false, reason: 'review.self_approval' }, withdraw: { allowed: true }, revoke: { allowed: false, reason: 'grant.not_found' } });
    expect(await abilities(person('ap-1'))).toMatchObject({ decide: { allowed: true }, withdraw: { allowed: false, reason: 'request.not_requester' } });
    expect(await abilities(person('sec-1'))).toMatchObject({ decide: { allowed: false, reason: 'review.not_approver' } });
    expect(await abilities(admin())).toMatchObject({ decide: { allowed: false, reason: 'review.not_approver' } });
  });

  it('shows grant, membership, newest job, policy and reviews of a decided request', async () => {
    await record.insert('connector', { id: 'con-1', site_id: SITE, name: 'Okta', provider: 'okta', public_config: {}, sealed_config: 's', status: 'enabled' });
    await record.insert('external_identity', { id: 'xid-1', site_id: SITE, provider: 'okta', connector_id: 'con-1', identity_hash: 'ih', sealed: 's', login_hint: 'a•••' });
    await record.insert('membership', { id: 'mem-1', site_id: SITE, connector_id: 'con-1', external_group_id: 'grp', external_identity_id: 'xid-1', identity_hash: 'ih', desired: 'present', observed: 'present', last_read_at: new Date() });
    const id = await record.request({ ...record.approved, tool_key: 'chatgpt-enterprise', policy: { ...POLICY, outcome: 'autoApprove' } });
    const grantId = await record.grant(id, { tool_key: 'chatgpt-enterprise', fulfilment: 'connector', membership_id: 'mem-1', connector_id: 'con-1', external_group_id: 'grp', start_evidence: 'readBack' });
    await record.insert('review', { id: `rev-${id}`, site_id: SITE, request_id: id, stage: 'project', account_id: 'ap-1', vote: 'approve', comment: 'fine', content_hash: 'h', at: new Date() });
    await record.insert('provisioning_job', { id: 'job-old', site_id: SITE, request_id: id, grant_id: grantId, kind: 'provision', status: 'superseded', created_at: new Date(Date.now() - 1_000) });
    await record.insert('provisioning_job', { id: 'job-new', site_id: SITE, request_id: id, grant_id: grantId, kind: 'check', status: 'retrying', attempts: 2, next_attempt_at: new Date(), last_error: 'busy', last_error_code: 'retryable', created_at: new Date() });
    const view = requestView.parse(await queries.requests.find(person('p-ada'), id));
    expect(view).toMatchObject({
      workflowId: `access/${SITE}/${id}`, decision: 'approved', decisionSource: 'human', approvalDueAt: null, reviews: [{ accountId: 'ap-1', decision: 'approve', stage: 'project', comment: 'fine' }],
      grant: { id: grantId, status: 'active', expiryLabel: '10 days remaining', membership: { desired: 'present', observed: 'present', evidence: 'readBack' } },
      job: { id: 'job-new', kind: 'check', status: 'retrying', attempts: 2, lastError: 'busy', lastErrorCode: 'retryable' }, policy: { outcome: 'autoApprove', version: 7, rules: [{ rule: 'default.by_risk' }] },
      abilities: { return: { allowed: true }, extend: { allowed: false, reason: 'extension.self_service_off' } },
    });
    expect(grantView.parse(await queries.grants.find(person('ap-1'), grantId))).toMatchObject({
      requestId: id, accountId: 'p-ada', expiringSoon: true, heldByGrantId: null, endedAt: null, job: { id: 'job-new' },
      abilities: { revoke: { allowed: true }, retry: { allowed: true }, completeManualAction: { allowed: false, reason: 'manual_action.not_found' } },
    });
    expect(await queries.grants.find(person('p-nobody'), grantId)).toBeNull();
    const jobs = await queries.jobs.listJobs(admin(), { ...newest, requestId: id });
    expect(jobs.items.map((job) => jobView.parse(job).id)).toEqual(['job-new', 'job-old']);
    expect((await queries.jobs.listJobs(person('p-nobody'), newest)).items).toEqual([]);
  });

  it('pages through requests of one millisecond without losing or repeating any, while new ones arrive', async () => {
    const at = new Date(Date.now() - 3_600_000);
    const made = new Set<string>();
    for (let index = 0; index < 7; index += 1) made.add(await record.request({ requester: 'p-pager', submitted_by: 'p-pager', created_at: at }));
    let late = false;
    const seen = await everyPage(async (after) => {
      const page = await queries.me.requests(person('p-pager'), { limit: 3, after });
      if (!late) await record.request({ requester: 'p-pager', submitted_by: 'p-pager' });
      late = true;
      return page;
    });
    expect(seen.map(({ id }) => id).sort()).toEqual([...made].sort());
  });

  it('filters by status, tool, person, project, issue, id and time', async () => {
    const day = (text: string): Date => new Date(`${text}T00:00:00.000Z`);
    const id = await record.request({ ...record.approved, requester: 'p-filter', submitted_by: 'p-filter', project_key: 'OTHER', issue_key: 'OTHER-1', tool_key: 'cursor', created_at: day('2020-05-05') });
    const list = async (query: Row): Promise<number> => (await queries.requests.list(admin(), { ...newest, accountId: 'p-filter', ...query })).items.length;
    for (const hit of [{}, { decision: 'approved' }, { grant: 'none' }, { toolKey: 'cursor' }, { projectKey: 'OTHER' }, { issueKey: 'OTHER-1' }, { requestId: id }, { from: '2020-05-05T00:00:00.000Z' }, { to: '2020-05-05T00:00:00.001Z' }]) expect(await list(hit)).toBe(1);
    for (const miss of [{ decision: 'pending' }, { grant: 'active' }, { toolKey: 'x' }, { projectKey: 'AI' }, { issueKey: 'AI-1' }, { requestId: 'x' }, { from: '2020-05-05T00:00:00.001Z' }, { to: '2020-05-05T00:00:00.000Z' }]) expect(await list(miss)).toBe(0);
  });

  it('lists for approval exactly those requests that the core lets this person decide', async () => {
    await record.insert('external_identity', { id: 'xid-2', site_id: SITE, provider: 'entra', connector_id: 'con-1', identity_hash: 'ih2', sealed: 's', login_hint: 'x' });
    for (const [account, id] of [['p-alias', 'm-1'], ['ap-1', 'm-2']]) await record.insert('site_identity_mapping', { id, site_id: SITE, account_id: account, provider: 'entra', connector_id: 'con-1', external_identity_id: 'xid-2', created_by: 'admin-1' });
    const fallbacks = ['never', 'whenNoApprover', 'always'];
    for (const fallback of fallbacks) await record.insert('project_registry', { id: `pf-${fallback}`, site_id: SITE, key: `F${fallback.toUpperCase()}`, approver_account_ids: fallback === 'whenNoApprover' ? [] : ['ap-9'], admin_fallback: fallback });
    for (const project of ['AI', 'OTHER', 'UNREGISTERED', ...fallbacks.map((name) => `F${name.toUpperCase()}`)]) {
      for (const stage of ['project', 'security', 'jiraAdmin']) await record.request({ project_key: project, stages: [stage], pending_stage: stage });
      for (const requester of ['p-alias', 'ap-1', 'admin-1', 'ap-9']) await record.request({ project_key: project, requester, submitted_by: requester });
    }
    await record.insert('project_registry', { id: 'pr-off', site_id: SITE, key: 'OFF', enabled: false, approver_account_ids: ['ap-2'] });
    await record.request({ project_key: 'OFF' });
    const voted = await record.request();
    const bySecurity = await record.request({ pending_stage: 'security', stages: ['project', 'security'] });
    await record.insert('review', { id: 'rev-first', site_id: SITE, request_id: bySecurity, stage: 'project', account_id: 'ap-1', vote: 'approve', content_hash: 'h', at: new Date() });
    await record.insert('site_identity_mapping', { id: 'm-3', site_id: SITE, account_id: 'sec-1', provider: 'entra', connector_id: 'con-1', external_identity_id: 'xid-2', created_by: 'admin-1' });
    await record.insert('review', { id: 'rev-voted', site_id: SITE, request_id: voted, stage: 'security', account_id: 'ap-1', vote: 'approve', content_hash: 'h', at: new Date() });
    await record.insert('project_registry', { id: 'pr-small', site_id: SITE, key: 'SMALL', approver_account_ids: ['ap-9'], security_reviewer_account_ids: ['ap-9'], admin_fallback: 'whenNoApprover' });
    const small = await record.request({ project_key: 'SMALL', pending_stage: 'security', stages: ['project', 'security'] });
    await record.insert('review', { id: 'rev-small', site_id: SITE, request_id: small, stage: 'project', account_id: 'ap-9', vote: 'approve', content_hash: 'h', at: new Date() });
    await record.request({ project_key: 'SMALL', submitted_by: 'ap-9' });
    const all = await everyPage((after) => queries.requests.list(admin(), { limit: 200, after, decision: 'pending' }));
    const people = [person('ap-1'), person('ap-2'), person('sec-1'), person('ap-9'), person('ap-site'), person('sec-site'), admin(), person('p-ada')];
    for (const principal of people) {
      const seen = (await everyPage((after) => queries.me.approvals(principal, { limit: 10, after }))).map(({ id }) => id);
      const views = await Promise.all(all.map(({ id }) => queries.requests.find(principal, id)));
      const decidable = views.flatMap((view) => (view?.abilities.decide.allowed === true ? [view.id] : []));
      expect([...seen].sort()).toEqual(decidable.sort());
      expect(decidable).toEqual((await allowed(principal, all)).sort());
    }
    expect((await everyPage((after) => queries.me.approvals(admin(), { limit: 200, after }))).map(({ id }) => id)).toContain(small);
    expect((await queries.me.approvals(person('ap-1'), newest)).items.length).toBeGreaterThan(0);
    expect((await queries.me.approvals(person('ap-site'), newest)).items.length).toBeGreaterThan(0);
    expect(await ids(person('sec-1'))).toContain(bySecurity);
    expect((await queries.requests.find(person('sec-1'), bySecurity))?.abilities.decide).toEqual({ allowed: false, reason: 'approval.already_voted' });
  });

  it('tells the story of a request in order, with what waits to be sealed', async () => {
    const id = await record.request({ ...record.approved });
    const event = (action: string, at: string, data: Row): string => JSON.stringify({ action, actor: { kind: 'system', name: 'access-request' }, at, data, subject: { requestId: id } });
    await record.insert('audit_event', { site_id: SITE, seq: 1, event_id: randomUUID(), action: 'request.created', at: '2026-01-01T00:00:00.000Z', request_id: id, actor: 'p-ada', body: event('request.created', '2026-01-01T00:00:00.000Z', {}), prev_hash: 'a', entry_hash: 'b', entry_mac: 'm', key_id: 'k' });
    await record.insert('audit_outbox', { site_id: SITE, event_id: randomUUID(), draft: event('membership.added', '2026-01-03T00:00:00.000Z', { observed: 'present', desired: 'present', generation: 1 }) });
    await record.insert('audit_outbox', { site_id: SITE, event_id: randomUUID(), draft: JSON.stringify({ action: 'tool.updated', actor: { kind: 'system' }, at: '2026-01-03T00:00:00.000Z', data: { mentions: id }, subject: { requestId: 'another' } }) });
    await record.insert('review', { id: `rev-${id}`, site_id: SITE, request_id: id, stage: 'project', account_id: 'ap-1', vote: 'approve', content_hash: 'h', at: new Date('2026-01-02T00:00:00.000Z') });
    const entries = (await queries.requests.timeline(person('p-ada'), id))?.map((entry) => timelineEntry.parse(entry));
    expect(entries?.map(({ kind, action, seq }) => [kind, action, seq])).toEqual([
      ['audit', 'request.created', 1], ['review', 'review.approve', null], ['audit', 'membership.added', null], ['readBack', 'membership.read_back', null],
    ]);
  });
});

describe('read models of people and work', () => {
  let fixture: Fixture;
  let record: Record1;
  let queries: Queries;
  beforeAll(async () => {
    fixture = await Fixture.start();
    record = new Record1(fixture);
    queries = createQueries(fixture.uow);
    await record.insert('project_registry', { id: 'pr-1', site_id: SITE, key: 'AI', approver_account_ids: ['ap-1'] });
  });
  afterAll(() => fixture.stop());

  it('says who one is and what one may do', async () => {
    expect(meView.parse(await queries.me.me(person('ap-1')))).toMatchObject({ roles: ['requester', 'approver'], approverOf: ['AI'], licence: 'notReported', abilities: { decide: { allowed: true }, administer: { allowed: false, reason: 'auth.forbidden' } } });
    expect(meView.parse(await queries.me.me(person('p-ada')))).toMatchObject({ roles: ['requester'], abilities: { decide: { allowed: false, reason: 'review.not_approver' }, readAudit: { allowed: false } } });
    expect((await queries.me.me(admin())).abilities).toMatchObject({ administer: { allowed: true }, readAudit: { allowed: true } });
  });

  it('lists access that is open, being removed, or expired within its grace', async () => {
    const day = 86_400_000;
    const grants: [string, Row][] = [
      ['active', {}], ['pending', { status: 'pendingProvision' }], ['removing', { status: 'removing', expires_at: new Date(Date.now() - 30 * day) }],
      ['grace', { status: 'expired', expires_at: new Date(Date.now() - 6.9 * day) }], ['over', { status: 'expired', expires_at: new Date(Date.now() - 7.1 * day) }], ['revoked', { status: 'revoked' }],
    ];
    const byId = new Map<string, string>();
    for (const [name, over] of grants) byId.set(await record.grant(await record.request({ ...record.approved, tool_key: name }), { tool_key: name, ...over }), name);
    const views = (await queries.me.access(person('p-ada'), newest)).items.map((view) => grantView.parse(view));
    expect(views.map(({ id }) => byId.get(id)).sort()).toEqual(['active', 'grace', 'pending', 'removing']);
    expect(views.find(({ id }) => byId.get(id) === 'grace')).toMatchObject({ expiryLabel: 'expired', abilities: { extend: { allowed: false, reason: 'extension.self_service_off' } } });
    expect((await queries.me.access(person('ap-1'), newest)).items).toEqual([]);
  });

  it('shows manual work to those who may do it and to whom it was given, with the decided entitlement', async () => {
    const id = await record.request({ ...record.approved, requester: 'p-manual', submitted_by: 'p-manual' });
    const grantId = await record.grant(id, { account_id: 'p-manual', status: 'pendingProvision', fulfilment: 'manual', starts_at: null, start_evidence: null });
    const actionId = `act_${randomUUID()}`;
    await record.insert('manual_action', { id: actionId, site_id: SITE, request_id: id, grant_id: grantId, kind: 'provision', reason: 'tool.manual', detail: 'Add the person by hand', assignee: 'owner-1', due_at: new Date(), opened_at: new Date() });
    for (const principal of [person('ap-1'), person('owner-1'), admin()]) {
      const [view] = (await queries.me.manualActions(principal, newest)).items;
      expect(manualActionView.parse(view)).toMatchObject({ id: actionId, kind: 'provision', status: 'open', reason: { code: 'tool.manual' }, accountId: 'p-manual', assigneeAccountId: 'owner-1', entitlement: { provider: null } });
    }
    expect((await queries.me.manualActions(person('p-manual'), newest)).items).toEqual([]);
    expect((await queries.jobs.listManualActions(person('p-nobody'), newest)).items).toEqual([]);
    expect(grantView.parse(await queries.grants.find(admin(), grantId))).toMatchObject({ membership: { desired: 'present', observed: 'unknown', evidence: null }, abilities: { completeManualAction: { allowed: true } } });
  });

  it('reads sealed entries newest first, filtered, and page by page', async () => {
    for (let seq = 1; seq <= 5; seq += 1) {
      const [action, toolKey] = seq % 2 === 0 ? ['tool.updated', 'cursor'] : ['tool.created', 'claude-team'];
      const body = JSON.stringify({ action, actor: { accountId: 'admin-1', kind: 'person' }, at: `2026-01-0${seq}T00:00:00.000Z`, data: { n: seq }, eventId: `e${seq}`, prevHash: `h${seq - 1}`, seq, site: SITE, subject: { toolKey }, v: 1 });
      await record.insert('audit_event', { site_id: SITE, seq, event_id: `e${seq}`, action, at: `2026-01-0${seq}T00:00:00.000Z`, actor: 'admin-1', body, prev_hash: `h${seq - 1}`, entry_hash: `h${seq}`, entry_mac: 'm', key_id: 'k1' });
    }
    const denial = JSON.stringify({ action: 'request.denied', actor: { kind: 'policy', name: 'policy' }, at: '2026-01-06T00:00:00.000Z', data: {}, eventId: 'e6', prevHash: 'h5', seq: 6, site: SITE, subject: {}, v: 1 });
    await record.insert('audit_event', { site_id: SITE, seq: 6, event_id: 'e6', action: 'request.denied', at: '2026-01-06T00:00:00.000Z', actor: 'policy', body: denial, prev_hash: 'h5', entry_hash: 'h6', entry_mac: 'm', key_id: 'k1' });
    const list = (query: Row): Promise<number[]> => everyPage((after) => queries.audit.listEvents(auditor, { limit: 2, order: 'newestFirst', ...query, after })).then((items) => items.map((item) => auditEventView.parse(item).seq));
    expect(await list({})).toEqual([6, 5, 4, 3, 2, 1]);
    expect(await list({ order: 'oldestFirst' })).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await list({ action: 'tool.updated' })).toEqual([4, 2]);
    expect(await list({ toolKey: 'claude-team' })).toEqual([5, 3, 1]);
    expect(await list({ accountId: 'nobody' })).toEqual([]);
    expect(await list({ from: '2026-01-02T00:00:00.000Z', to: '2026-01-04T00:00:00.000Z' })).toEqual([3, 2]);
    expect(auditEventView.parse(await queries.audit.findEvent(auditor, 4))).toMatchObject({ seq: 4, subject: { toolKey: 'cursor' }, data: { n: 4 }, actor: { kind: 'person', accountId: 'admin-1' }, reference: { action: null, source: null } });
    expect(auditEventView.parse(await queries.audit.findEvent(auditor, 6)).reference).toEqual({ action: 'request_denied', source: 'auto-policy' });
    expect(await queries.audit.findEvent(person('auditor-1', ['auditor'], OTHER_SITE), 4)).toBeNull();
    expect(await queries.audit.latestVerification(auditor)).toBeNull();
  });

  it('opens the portal in its project, portal and request types only, and lists approved tools', async () => {
    const closed = portalContext.parse(await queries.portal.context(person('p-ada'), {}));
    expect(closed).toMatchObject({ enabled: false, reason: { code: 'intake.not_configured' }, snapshotField: 'aiclearance.snapshot.v1' });
    await record.insert('site_setting', { site_id: SITE, name: 'intake', value: { enabled: true, projectKey: 'AI', portalId: '3', requestTypeIds: ['7'] } });
    for (const [key, status] of [['b', 'approved'], ['a', 'pilot'], ['c', 'blocked']]) await record.insert('tool', { id: `t-${key}`, site_id: SITE, key, name: key, vendor: 'v', status, risk: 'low', max_duration_days: 9, provider: 'none' });
    const reason = async (query: Row): Promise<string | undefined> => (await queries.portal.context(person('p-ada'), query)).reason?.code;
    expect(portalContext.parse(await queries.portal.context(person('p-ada'), { projectKey: 'AI', portalId: '3', requestTypeId: '7' }))).toMatchObject({ enabled: true, reason: null, tools: [{ key: 'b', maxDurationDays: 9 }], dataClasses: ['public', 'internal', 'confidential', 'restricted'] });
    expect(await reason({ projectKey: 'HR' })).toBe('portal.not_enabled');
    expect(await reason({ portalId: '4' })).toBe('portal.not_enabled');
    expect(await reason({ requestTypeId: '8' })).toBe('request_type.not_enabled');
  });
});
