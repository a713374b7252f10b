import { z } from 'zod';
import { startTestApi, type HttpAnswer, type TestApi } from '../support/api.js';
import { startTestProduct, type TestProduct } from '../support/product.js';
import { until } from '../support/until.js';
import { aroundEach } from '../support/wrap-activities.js';
import { commandOf, type HttpCommand } from './support/http-client.js';
import { intentFaults, trailOf } from './support/trail.js';

const admin = { accountId: 'acc-admin', roles: ['admin'] };
const approver = { accountId: 'acc-approver', roles: ['approver'] };
const requestOf = z.object({ id: z.string() });
const takenIn = z.object({ outcome: z.string(), requestId: z.string().optional(), reason: z.string().optional() });

/** One life that began before a part went away, one that is asked for while it is away, and one that Jira tells of meanwhile. */
interface Lives { readonly people: readonly { readonly accountId: string; readonly oktaId: string }[]; readonly pending: string; readonly asking: HttpCommand; readonly deciding: HttpCommand; readonly issueKey: string; readonly intake: HttpCommand }

/** While a part is away every request is refused with 503 and can be repeated under its key, or is taken and finished later: nothing half-done, lost or doubled (SPEC §13). */
describe('a part that is away', () => {
  let product: TestProduct;
  let api: TestApi;
  /** Ends of attempts at the provider. */
  const attempts: unknown[] = [];

  beforeAll(async () => {
    product = await startTestProduct({
      proxies: true,
      wrapActivities: aroundEach(async (name, _args, run) => {
        const result = await run();
        if (name === 'convergeMembership') attempts.push(result);
        return result;
      }),
    });
    api = await startTestApi(product);
  }, 60_000);
  afterAll(async () => {
    await api.stop();
    await product.stop();
  }, 60_000);

  const asked = { toolKey: 'chatgpt-enterprise', businessUse: 'test', dataClasses: ['internal'], durationDays: 30 };
  const submit = (accountId: string): HttpCommand => commandOf(api, { accountId, roles: ['requester'] }, '/requests', asked);
  const approve = (requestId: string): HttpCommand => commandOf(api, approver, `/requests/${requestId}/decisions`, { decision: 'approve' });
  const grantOf = async (requestId: string): Promise<Readonly<Record<string, unknown>>> => (await product.sql('SELECT status, start_evidence FROM access_grant WHERE request_id = $1', [requestId]))[0] ?? {};
  const active = (requestId: string): Promise<unknown> => until(`${requestId} is active`, async () => (await grantOf(requestId))['status'] === 'active', { timeoutMs: 60_000, everyMs: 100 });
  const started = (requestId: string): Promise<unknown> => until(`${requestId} is started`, async () => (await product.sql('SELECT 1 FROM request WHERE id = $1 AND started_at IS NOT NULL', [requestId])).length > 0, { timeoutMs: 60_000, everyMs: 100 });
  const read = (body: unknown): string => requestOf.parse(body).id;

  async function prepare(): Promise<Lives> {
    const people = [await product.person(), await product.person(), await product.person()] as const;
    const pending = read((await submit(people[0].accountId).send()).body);
    await started(pending);
    await product.jiraControl.send('PUT', 'users', { accountId: people[2].accountId });
    const { issueKey } = product.jira.createPortalRequest({ accountId: people[2].accountId, snapshot: asked });
    return { people, pending, asking: submit(people[1].accountId), deciding: approve(pending), issueKey, intake: commandOf(api, admin, '/intake/jira/issue-created', { issueKey }) };
  }

  const says = ({ status, code, retryAfter }: HttpAnswer, why: string): void => { expect([status, code, Number(retryAfter) > 0]).toEqual([503, why, true]); };
  const within = async (ms: number, call: () => Promise<HttpAnswer>): Promise<HttpAnswer> => {
    const begun = performance.now();
    const answer = await call();
    expect(performance.now() - begun).toBeLessThan(ms);
    return answer;
  };

  /** After the part is back: each of the three is a request once, decided once, active by itself, changed once at the provider, in a trail that verifies. */
  async function endsWell({ people, pending, asking, deciding, issueKey, intake }: Lives): Promise<void> {
    expect(await deciding.insist()).toMatchObject({ status: 200 });
    const own = await asking.insist();
    expect(own).toMatchObject({ status: 201 });
    // Jira repeats what it was not told to have arrived.
    expect((await intake.insist()).status).toBe(202);
    const fromJira = await until('the request of the issue', async () => {
      const [row] = await product.sql('SELECT id FROM request WHERE issue_key = $1', [issueKey]);
      return row === undefined ? undefined : String(row['id']);
    }, { timeoutMs: 60_000, everyMs: 100 });
    const requests = [pending, read(own.body), fromJira];
    await Promise.all(requests.slice(1).map(started));
    for (const requestId of requests.slice(1)) expect(await approve(requestId).insist()).toMatchObject({ status: 200 });
    await Promise.all(requests.map(active));
    // The same commands once more change nothing.
    expect([(await asking.send()).status, (await deciding.send()).status, takenIn.parse((await intake.send()).body).outcome]).toEqual([201, 200, 'duplicate']);

    const changed = (await product.oktaCalls()).filter((call) => call.changed);
    for (const [at, requestId] of requests.entries()) {
      expect(await grantOf(requestId)).toEqual({ status: 'active', start_evidence: 'readBack' });
      expect(changed.filter(({ path }) => path.includes(people[at]?.oktaId ?? '-')).map(({ method }) => method)).toEqual(['PUT']);
      expect(await product.sql('SELECT id FROM request WHERE requester = $1', [people[at]?.accountId])).toEqual([{ id: requestId }]);
      expect(await product.sql('SELECT vote FROM review WHERE request_id = $1', [requestId])).toEqual([{ vote: 'approve' }]);
      await until(`${requestId} is sealed`, async () => (await product.sql('SELECT 1 FROM audit_outbox LIMIT 1')).length === 0, { timeoutMs: 30_000 });
      const trail = await trailOf(product, requestId);
      const once = trail.map(({ action }) => action).filter((action) => /^(request\.(created|approved)|review\.recorded|grant\.(created|activated)|membership\.added)$/.test(action));
      expect(once).toEqual([...new Set(once)]);
      expect(intentFaults(trail)).toEqual([]);
    }
    expect(await product.verifyAudit()).toMatchObject({ ok: true });
  }

  describe.each(['reset', 'hang'] as const)('the engine (connections %s)', (kind) => {
    it('leaves what is asked recorded, what is decided to be repeated, and starts both by itself', async () => {
      const lives = await prepare();
      product.proxies.engine.setFault({ kind });
      try {
        const [own, decided, intake] = await Promise.all([within(15_000, lives.asking.send), within(15_000, lives.deciding.send), within(5_000, lives.intake.send)]);
        expect(own).toMatchObject({ status: 201 });
        says(decided, 'engine.unavailable');
        expect([intake.status, takenIn.parse(intake.body)]).toMatchObject([202, { outcome: 'accepted', reason: 'engine.unavailable' }]);
        says(await lives.deciding.send(), 'engine.unavailable');
        // Reading goes on, and nothing was decided meanwhile.
        expect(await api.send(admin, 'GET', `/requests/${lives.pending}`)).toMatchObject({ status: 200, body: { decision: 'pending' } });
        expect(await grantOf(lives.pending)).toEqual({});
      } finally {
        product.proxies.engine.setFault({ kind: 'none' });
      }
      await endsWell(lives);
    }, 120_000);
  });

  it('Postgres: refuses every command with 503 under a key that can be repeated, and goes on with what was under way', async () => {
    const lives = await prepare();
    const { accountId, oktaId } = await product.person();
    const underWay = read((await submit(accountId).send()).body);
    await product.fault({ method: 'PUT', path: `/users/${oktaId}$`, effect: { delayMs: 3_000, holds: 'answer' } });
    expect(await approve(underWay).insist()).toMatchObject({ status: 200 });
    const puts = async (): Promise<number> => (await product.oktaCalls()).filter((call) => call.changed && call.path.includes(oktaId)).length;
    await until('the provider has the change', async () => (await puts()) === 1, { timeoutMs: 30_000 });
    const before = attempts.length;
    product.proxies.database.setFault({ kind: 'reset' });
    try {
      for (const command of [lives.asking, lives.deciding, lives.intake]) says(await within(15_000, command.send), 'database.unavailable');
      says(await within(15_000, () => api.send(admin, 'GET', `/requests/${lives.pending}`)), 'database.unavailable');
      says(await lives.deciding.send(), 'database.unavailable');
      // The provider's answer comes while there is nowhere to write it down.
      await until('the attempt is over', () => attempts.length > before, { timeoutMs: 30_000 });
      expect(await product.sql('SELECT status FROM access_grant WHERE request_id = $1', [underWay])).toEqual([{ status: 'pendingProvision' }]);
      expect(await product.sql('SELECT 1 FROM request WHERE requester = $1', [lives.people[1]?.accountId])).toEqual([]);
      expect(await product.sql('SELECT decision FROM request WHERE id = $1', [lives.pending])).toEqual([{ decision: 'pending' }]);
    } finally {
      product.proxies.database.setFault({ kind: 'none' });
    }
    await active(underWay);
    expect([await puts(), await grantOf(underWay)]).toEqual([1, { status: 'active', start_evidence: 'readBack' }]);
    await endsWell(lives);
  }, 180_000);

  it('Jira: takes deliveries for later, lets every decision through, and writes the tickets when it is back', async () => {
    const lives = await prepare();
    const issueKey = await product.issue(lives.people[0]?.accountId ?? '');
    const { accountId } = await product.person();
    const ticketed = await product.ask(accountId, 'claude-team', { issueKey });
    await product.jiraControl.fault({ path: '^/rest/', times: 100_000, effect: { hangUp: 'before' } });
    try {
      const intake = await within(5_000, lives.intake.send);
      expect([intake.status, takenIn.parse(intake.body)]).toMatchObject([202, { outcome: 'accepted', reason: 'jira.retryable' }]);
      expect(await lives.asking.send()).toMatchObject({ status: 201 });
      expect(await lives.deciding.insist()).toMatchObject({ status: 200 });
      expect(await approve(ticketed).insist()).toMatchObject({ status: 200 });
      await active(lives.pending);
      expect(await product.sql(`SELECT 1 FROM ticket_outbox WHERE request_id = $1 AND status = 'done'`, [ticketed])).toEqual([]);
    } finally {
      await product.jiraControl.clearFaults();
    }
    await endsWell(lives);
    await until('the ticket is written', async () => (await product.sql(`SELECT 1 FROM ticket_outbox WHERE request_id = $1 AND status <> 'done'`, [ticketed])).length === 0, { timeoutMs: 90_000, everyMs: 250 });
    const comments = await product.comments(issueKey);
    expect(comments.length).toBeGreaterThan(0);
    expect(comments).toEqual([...new Set(comments)]);
  }, 180_000);
});
