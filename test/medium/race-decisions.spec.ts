import { randomUUID } from 'node:crypto';
import type { AccessOutcome } from '../../src/application/access/api/run-access-command.js';
import { inParallel } from '../support/in-parallel.js';
import { SITE, startTestProduct, type TestProduct } from '../support/product.js';
import { until } from '../support/until.js';

const verdict = (outcome: AccessOutcome): string => ('refused' in outcome ? outcome.refused.code : outcome.stored.ok ? 'ok' : outcome.stored.refusal.code);
const APPROVERS = Array.from({ length: 20 }, (_, at) => `acc-approver-${at}`);

/** Decisions that meet: on one request, on one person, under one key (SPEC A3, A4; N8). */
describe('decisions at once', () => {
  let product: TestProduct;
  beforeAll(async () => {
    product = await startTestProduct();
    await product.sql('UPDATE project_registry SET approver_account_ids = approver_account_ids || $1', [APPROVERS]);
  });
  afterAll(() => product.stop());

  const grantsOf = (requestId: string) => product.sql('SELECT id, status, start_evidence FROM access_grant WHERE request_id = $1', [requestId]);
  const requestOf = async (requestId: string) => (await product.sql('SELECT decision, decided_by FROM request WHERE id = $1', [requestId]))[0];
  const reviewsOf = async (requestId: string) => (await product.sql('SELECT account_id, vote FROM review WHERE request_id = $1', [requestId]));
  const active = (requestId: string) => until(`the grant of ${requestId} is active`, async () => (await grantsOf(requestId))[0]?.['status'] === 'active', { timeoutMs: 30_000 });
  const writesFor = async (oktaId: string) => (await product.oktaCalls()).filter((call) => call.changed && call.path.includes(oktaId));
  const decideWith = (requestId: string, accountId: string, decision: 'approve' | 'deny', key: string, path?: string) =>
    product.command(requestId, { operation: 'decide', caller: { accountId, isAdmin: false }, decision, comment: null, durationDays: null }, { key, ...(path === undefined ? {} : { path }) });

  it('lets one of twenty simultaneous approvals through and tells the nineteen others', async () => {
    const { accountId, oktaId } = await product.person();
    const requestId = await product.ask(accountId);
    const answers = await Promise.all(APPROVERS.map(async (approver) => verdict(await product.decide(requestId, 'approve', approver))));
    expect(answers.filter((said) => said === 'ok')).toHaveLength(1);
    expect(answers.filter((said) => said === 'request.already_decided')).toHaveLength(19);
    await active(requestId);
    expect(await grantsOf(requestId)).toHaveLength(1);
    expect(await reviewsOf(requestId)).toHaveLength(1);
    expect(await writesFor(oktaId)).toMatchObject([{ method: 'PUT', status: 204 }]);
    expect(await product.inGroup(oktaId)).toBe(true);
  });

  it('lets exactly one of an approval and a denial win, a hundred times, and everything agrees with it', async () => {
    const rounds = await inParallel(10, Array.from({ length: 100 }, (_, at) => at), async (at) => {
      const { accountId, oktaId } = await product.person();
      const requestId = await product.ask(accountId);
      const approving = () => product.decide(requestId, 'approve', 'acc-approver').then(verdict);
      const denying = () => product.decide(requestId, 'deny', 'acc-approver-2').then(verdict);
      // Neither is always the first to leave.
      const [first, second] = await Promise.all(at % 2 === 0 ? [approving(), denying()] : [denying(), approving()]);
      const [approval, denial] = at % 2 === 0 ? [first, second] : [second, first];
      expect([approval, denial].sort()).toEqual(['ok', 'request.already_decided']);
      const won = approval === 'ok' ? 'approved' : 'denied';
      expect(await requestOf(requestId)).toEqual({ decision: won, decided_by: won === 'approved' ? 'acc-approver' : 'acc-approver-2' });
      expect(await reviewsOf(requestId)).toEqual([{ account_id: won === 'approved' ? 'acc-approver' : 'acc-approver-2', vote: won === 'approved' ? 'approve' : 'deny' }]);
      if (won === 'approved') await active(requestId);
      return { requestId, oktaId, won };
    });
    const calls = await product.oktaCalls();
    for (const { requestId, oktaId, won } of rounds) {
      const grants = await grantsOf(requestId);
      const about = calls.filter((call) => call.path.includes(oktaId));
      expect(grants.map((grant) => grant['status'])).toEqual(won === 'approved' ? ['active'] : []);
      expect(about.filter((call) => call.changed)).toHaveLength(won === 'approved' ? 1 : 0);
      // A denied request has no traffic at all with the provider.
      if (won === 'denied') expect(about).toEqual([]);
      expect(await product.inGroup(oktaId)).toBe(won === 'approved');
    }
    expect(new Set(rounds.map(({ won }) => won))).toEqual(new Set(['approved', 'denied']));
  }, 240_000);

  it('takes one key of two people for two commands', async () => {
    const requestId = await product.ask((await product.person()).accountId, 'claude-team');
    const key = randomUUID();
    const first = await decideWith(requestId, 'acc-approver', 'approve', key);
    const second = await decideWith(requestId, 'acc-approver-2', 'approve', key);
    expect([verdict(first), verdict(second)]).toEqual(['ok', 'request.already_decided']);
    expect(await product.sql('SELECT actor FROM command WHERE idempotency_key = $1 ORDER BY actor', [key])).toEqual([{ actor: 'acc-approver' }, { actor: 'acc-approver-2' }]);
  });

  it('takes one key for two actions for two commands', async () => {
    const requestId = await product.ask((await product.person()).accountId, 'claude-team');
    const key = randomUUID();
    const approved = await decideWith(requestId, 'acc-approver', 'approve', key);
    const revoked = await product.command(requestId, { operation: 'revoke', caller: { accountId: 'acc-approver', isAdmin: false }, comment: null }, { key });
    expect([verdict(approved), verdict(revoked)]).toEqual(['ok', 'ok']);
    expect((await product.sql('SELECT operation, status FROM command WHERE idempotency_key = $1 ORDER BY operation', [key]))).toEqual([{ operation: 'decide', status: 200 }, { operation: 'revoke', status: 200 }]);
    expect(await grantsOf(requestId)).toMatchObject([{ status: 'revoked' }]);
  });

  it('counts one vote and gives the same answer when one person sends a key again, at once or later', async () => {
    const requestId = await product.ask((await product.person()).accountId, 'claude-team');
    const key = randomUUID();
    const [first, twin] = await Promise.all([decideWith(requestId, 'acc-approver', 'approve', key), decideWith(requestId, 'acc-approver', 'approve', key)]);
    const later = await decideWith(requestId, 'acc-approver', 'approve', key);
    expect(verdict(first)).toBe('ok');
    expect(twin).toEqual(first);
    expect(later).toEqual(first);
    expect(await reviewsOf(requestId)).toHaveLength(1);
    expect(await product.sql('SELECT 1 FROM command WHERE idempotency_key = $1', [key])).toHaveLength(1);
    expect(await product.sql(`SELECT 1 FROM audit_event WHERE request_id = $1 AND action = 'decision.refused'`, [requestId])).toEqual([]);
  });

  it('refuses a key that comes back with another body', async () => {
    const requestId = await product.ask((await product.person()).accountId, 'claude-team');
    const key = randomUUID();
    const first = await decideWith(requestId, 'acc-approver', 'approve', key);
    const payload = { operation: 'decide', caller: { accountId: 'acc-approver', isAdmin: false }, decision: 'deny', comment: null, durationDays: null } as const;
    const second = await product.command(requestId, payload, { key, body: 'another' });
    expect([verdict(first), verdict(second)]).toEqual(['ok', 'idempotency.key_reused']);
    expect(await requestOf(requestId)).toMatchObject({ decision: 'approved' });
  });

  it('opens one grant when two requests of one person for one tool are approved at once', async () => {
    const rounds = await inParallel(5, Array.from({ length: 10 }, (_, at) => at), async () => {
      const { accountId, oktaId } = await product.person();
      const [one, other] = await Promise.all([product.ask(accountId), product.ask(accountId)]);
      const answers = await Promise.all([product.decide(one, 'approve', 'acc-approver').then(verdict), product.decide(other, 'approve', 'acc-approver-2').then(verdict)]);
      return { accountId, oktaId, answers, winner: answers[0] === 'ok' ? one : other, loser: answers[0] === 'ok' ? other : one };
    });
    for (const { accountId, oktaId, answers, winner, loser } of rounds) {
      expect([...answers].sort()).toEqual(['grant.duplicate_open', 'ok']);
      await active(winner);
      expect(await product.sql('SELECT request_id FROM access_grant WHERE account_id = $1', [accountId])).toEqual([{ request_id: winner }]);
      expect(await requestOf(loser)).toMatchObject({ decision: 'pending' });
      expect(await writesFor(oktaId)).toHaveLength(1);
    }
  });

  it('opens one grant when policy approves two requests of one person for one tool at once; the other waits for people', async () => {
    await product.sql("INSERT INTO site_setting (site_id, name, value) VALUES ($1, 'defaults', $2)", [SITE, JSON.stringify({ outcomeByRisk: { low: 'autoApprove', medium: 'review', high: 'review', critical: 'review' } })]);
    try {
      await inParallel(5, Array.from({ length: 10 }, (_, at) => at), async () => {
        const { accountId } = await product.person();
        const asked = await Promise.all([1, 2, 3].map(() => product.record(accountId, 'claude-team')));
        const decisions = await Promise.all(asked.map(async (requestId) => (await requestOf(requestId))?.['decision']));
        expect(decisions.sort()).toEqual(['approved', 'pending', 'pending']);
      });
    } finally {
      await product.sql("DELETE FROM site_setting WHERE site_id = $1 AND name = 'defaults'", [SITE]);
    }
  });

  it('lets exactly one of a withdrawal and an approval win', async () => {
    const rounds = await inParallel(10, Array.from({ length: 30 }, (_, at) => at), async (at) => {
      const { accountId, oktaId } = await product.person();
      const requestId = await product.ask(accountId);
      const withdrawing = () => product.command(requestId, { operation: 'withdraw', caller: { accountId, isAdmin: false }, comment: null }).then(verdict);
      const approving = () => product.decide(requestId, 'approve').then(verdict);
      const answers = await Promise.all(at % 2 === 0 ? [withdrawing(), approving()] : [approving(), withdrawing()]);
      const withdrawn = answers[at % 2 === 0 ? 0 : 1] === 'ok';
      expect([...answers].sort()).toEqual(['ok', 'request.already_decided']);
      expect(await requestOf(requestId)).toMatchObject({ decision: withdrawn ? 'withdrawn' : 'approved' });
      if (!withdrawn) await active(requestId);
      expect(await grantsOf(requestId)).toHaveLength(withdrawn ? 0 : 1);
      expect(await product.inGroup(oktaId)).toBe(!withdrawn);
      return withdrawn;
    });
    expect(new Set(rounds)).toEqual(new Set([true, false]));
  });
});
