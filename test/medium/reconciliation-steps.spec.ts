import 'reflect-metadata';
import type { CommandContext } from '../../src/application/ports/api-commands.port.js';
import { resolveFinding } from '../../src/application/reconciliation/resolve-finding.js';
import type { ReconciliationStep } from '../../src/application/reconciliation/step.js';
import { until } from '../support/until.js';
import { failed, observed, paced, page, people, ReconciliationSteps } from '../support/reconciliation-steps.js';

const ADMIN: CommandContext = { principal: { siteId: 'acme', accountId: 'acc-admin', kind: 'person', roles: new Set(['requester', 'admin']) }, idempotencyKey: null, methodAndPath: 'POST /test', bodyHash: 'hash', correlationId: 'test' };

/** What a run of reconciliation decides from answers that no sandbox gives at will, on a real Postgres (SPEC D1–D4). */
describe('the steps of a reconciliation', () => {
  let steps: ReconciliationSteps;
  beforeAll(async () => { steps = await ReconciliationSteps.start(); });
  afterAll(() => steps.stop());
  const runOf = async (id: string): Promise<Readonly<Record<string, unknown>>> => (await steps.sql('SELECT status, failure, counts FROM reconciliation_record WHERE id = $1', [id]))[0] ?? {};
  const resolve = (id: string, action: 'repair' | 'dismiss' | 'accept'): ReturnType<typeof resolveFinding> => steps.uow.run('acme', (tx) => resolveFinding(steps.deps, tx, ADMIN, { id, action, note: 'Seen' }));
  const openOf = (groupId: string): Promise<readonly Readonly<Record<string, unknown>>[]> => steps.sql("SELECT id, kind, evidence FROM finding WHERE external_group_id = $1 AND state = 'open'", [groupId]);

  describe('an admin\'s word on a held group', () => {
    const hold = async (strangers: readonly string[]): Promise<{ groupId: string; finding: string }> => {
      const { toolKey, groupId } = await steps.tool('revert');
      await steps.begin(toolKey);
      expect((await steps.drive(strangers)).status).toBe('stopped');
      return { groupId, finding: String((await openOf(groupId))[0]?.['id']) };
    };
    const removals = async (members: readonly string[]): Promise<number> => (await steps.drive(members)).steps.filter(({ kind }) => kind === 'converge').length;

    it('lets pass what they were shown', async () => {
      const strangers = people(8);
      const { groupId, finding } = await hold(strangers);
      expect(await openOf(groupId)).toMatchObject([{ kind: 'massChange', evidence: { reason: 'groupThreshold', changes: 8 } }]);
      expect(await resolve(finding, 'repair')).toEqual({ ok: true });
      expect(await removals(strangers)).toBe(8);
      expect(await openOf(groupId)).toEqual([]);
    });

    it('does not count for more changes than that: the group is held again and another finding asks', async () => {
      const strangers = people(8);
      const { groupId, finding } = await hold(strangers);
      await resolve(finding, 'repair');
      const more = [...strangers, ...people(1)];
      expect(await removals(more)).toBe(0);
      const [asking, ...others] = await openOf(groupId);
      expect({ asking, others }).toMatchObject({ asking: { kind: 'massChange', evidence: { reason: 'groupThreshold', changes: 9 } }, others: [] });
      expect(await resolve(finding, 'repair')).toMatchObject({ ok: false, refusal: { code: 'finding.already_resolved' } });
      await resolve(String(asking?.['id']), 'repair');
      expect(await removals(more)).toBe(9);
    });

    it('counts for a group that is being listed at that moment', async () => {
      const strangers = people(8);
      const { groupId, finding } = await hold(strangers);
      await steps.begin(null, { waived: [{ externalGroupId: groupId, waiver: { reason: 'emptyListing', changes: 1 } }], withoutGroups: true });
      expect(await steps.advance(null)).toMatchObject({ kind: 'ask', order: { kind: 'listMembers' } });
      await resolve(finding, 'repair');
      expect(await removals(strangers)).toBe(8);
    });

    it('is asked for again when it was to put the matter aside and more would change now', async () => {
      const strangers = people(8);
      const { groupId, finding } = await hold(strangers);
      await resolve(finding, 'dismiss');
      const again = (): Promise<string> => steps.begin(null, { waived: [{ externalGroupId: groupId, waiver: { reason: 'emptyListing', changes: 1 } }], withoutGroups: true });
      await again();
      await steps.drive(strangers);
      expect(await openOf(groupId)).toEqual([]);
      await again();
      await steps.drive([...strangers, ...people(1)]);
      expect(await openOf(groupId)).toMatchObject([{ kind: 'massChange', evidence: { changes: 9 } }]);
    });
  });

  describe('a page that is refused for ever', () => {
    it('is asked for a bounded number of times although the pages before it are read each time; then the group is given up, and the run says so', async () => {
      const { toolKey, groupId } = await steps.tool('report');
      const id = await steps.begin(toolKey);
      let refusals = 0;
      const { status } = await steps.drive(people(4), {
        list: (_group, cursor, members) => {
          if (cursor === null) return page(members, 'page-2');
          refusals += 1;
          return failed('rejected', 'The provider does not know this cursor');
        },
      });
      expect({ status, refusals }).toEqual({ status: 'failed', refusals: 7 });
      expect(await runOf(id)).toMatchObject({ failure: `1 groups could not be listed: ${groupId}`, counts: { groups: 0, differences: 0 } });
      expect(await steps.sql('SELECT state, error FROM reconciliation_group WHERE record_id = $1', [id])).toEqual([{ state: 'failed', error: 'The provider does not know this cursor' }]);
      expect(await steps.sql('SELECT 1 FROM finding WHERE external_group_id = $1', [groupId])).toEqual([]);
    });

    it('does not use up the patience with the pages behind it once it was read', async () => {
      const { toolKey } = await steps.tool('report');
      const id = await steps.begin(toolKey);
      const refused = new Map<string, number>();
      const { status } = await steps.drive(people(2), {
        list: (_group, cursor, members) => {
          const at = cursor ?? 'page-1';
          const times = (refused.get(at) ?? 0) + 1;
          refused.set(at, times);
          if (cursor !== null && times <= 3) return failed('rejected', 'no');
          return cursor === 'page-4' ? page([]) : page(at === 'page-1' ? members : [], `page-${Number(at.slice(5)) + 1}`);
        },
      });
      // Three refusals of each of three pages: more than one page may cost, and none of them more than its share.
      expect(status).toBe('done');
      expect(await runOf(id)).toMatchObject({ counts: { differences: 2, confirmed: 2 } });
      expect(await steps.sql('SELECT pages, members, attempts FROM reconciliation_group WHERE record_id = $1', [id])).toEqual([{ pages: 4, members: 2, attempts: 0 }]);
    });

    it('is not taken for read when nobody could say who is on it', async () => {
      const { toolKey } = await steps.tool('report');
      const id = await steps.begin(toolKey);
      let lists = 0;
      const { status } = await steps.drive(people(2), {
        list: (_group, _cursor, members) => {
          lists += 1;
          return page(members);
        },
        describe: () => failed('retryable', 'The core worker gave no answer'),
      });
      expect({ status, lists }).toEqual({ status: 'failed', lists: 7 });
      expect(await runOf(id)).toMatchObject({ counts: { groups: 0, pages: 0, differences: 0 } });
    });
  });

  describe('a call that found no room in the budget of calls', () => {
    const waits = (steps: readonly ReconciliationStep[]): readonly number[] => steps.flatMap((step) => (step.kind === 'wait' ? [step.waitMs] : []));
    const BUSY = 20;

    it('costs a page no try and is asked for again after its delay', async () => {
      const { toolKey } = await steps.tool('report');
      await steps.begin(toolKey);
      let calls = 0;
      const drive = await steps.drive(people(1), { list: (_group, _cursor, members) => ((calls += 1) <= BUSY ? paced() : page(members)) });
      expect({ status: drive.status, waits: waits(drive.steps) }).toEqual({ status: 'done', waits: Array.from({ length: BUSY }, () => 700) });
    });

    it('costs a member no try', async () => {
      const { toolKey, groupId } = await steps.tool('report');
      const id = await steps.begin(toolKey);
      let calls = 0;
      const drive = await steps.drive(people(3), { read: () => ((calls += 1) > BUSY || calls === 2 ? 'present' : paced()) });
      expect(drive.status).toBe('done');
      expect(await runOf(id)).toMatchObject({ counts: { confirmed: 3, unreadable: 0 } });
      expect(await openOf(groupId)).toHaveLength(3);
    });

    it('costs a look at a missing group no try', async () => {
      const { toolKey, groupId } = await steps.tool('report');
      await steps.begin(toolKey);
      let looks = 0;
      const drive = await steps.drive([], { list: () => failed('groupNotFound', 'no such group'), look: () => ((looks += 1) <= BUSY ? paced() : failed('groupNotFound', 'no such group')) });
      expect(drive.status).toBe('stopped');
      expect(await openOf(groupId)).toMatchObject([{ kind: 'groupDeleted' }]);
    });

    it('costs a removal no try', async () => {
      const { toolKey, groupId } = await steps.tool('revert');
      await steps.begin(toolKey);
      let calls = 0;
      const drive = await steps.drive(people(1), { remove: () => ((calls += 1) <= BUSY ? observed('unknown', { status: 'notAttempted', readAt: null, write: 'none', code: 'provider.paced', retryAfterMs: 900 }) : observed('absent')) });
      expect({ status: drive.status, waits: waits(drive.steps) }).toEqual({ status: 'done', waits: Array.from({ length: BUSY }, () => 900) });
      expect(await openOf(groupId)).toEqual([]);
    });
  });

  describe('what a run could not do', () => {
    it('is said when members could not be read back: the run has failed, and its differences say why', async () => {
      const { toolKey, groupId } = await steps.tool('report');
      const id = await steps.begin(toolKey);
      const [odd = '', ...others] = people(3);
      expect((await steps.drive([odd, ...others], { read: (hash) => (hash === odd ? 'unknown' : 'present') })).status).toBe('failed');
      expect(await runOf(id)).toMatchObject({ status: 'failed', failure: '1 differences could not be confirmed: the members could not be read, or were changing all the while', counts: { confirmed: 2, unreadable: 1 } });
      expect(await steps.sql("SELECT identity_hash, detail FROM reconciliation_difference WHERE record_id = $1 AND state = 'unreadable'", [id])).toEqual([{ identity_hash: odd, detail: 'read' }]);
      // The next run reads all three; what could not be read meanwhile closes nothing.
      await steps.begin(toolKey);
      await steps.drive([odd, ...others], { read: () => failed('retryable', 'away') });
      expect(await openOf(groupId)).toHaveLength(2);
      await steps.begin(toolKey);
      expect((await steps.drive([odd, ...others])).status).toBe('done');
      expect(await openOf(groupId)).toHaveLength(3);
    });

    it('is said when a member could not be removed', async () => {
      const { toolKey, groupId } = await steps.tool('revert');
      const id = await steps.begin(toolKey);
      expect((await steps.drive(people(1), { remove: () => observed('unknown', { status: 'retryable', write: 'unknown', code: 'provider.unavailable' }) })).status).toBe('failed');
      expect(await runOf(id)).toMatchObject({ failure: '1 confirmed differences could not be put right', counts: { failed: 1, removed: 0 } });
      expect(await openOf(groupId)).toHaveLength(1);
    });
  });

  describe('a removal whose answer got lost', () => {
    const intents = (groupId: string): Promise<readonly Readonly<Record<string, unknown>>[]> =>
      steps.sql('SELECT i.outcome, i.ended_at IS NULL AS open FROM membership_intent i JOIN membership m ON m.id = i.membership_id WHERE m.external_group_id = $1 ORDER BY i.generation', [groupId]);
    /** As if that much time went by. */
    const waited = async (ms: number): Promise<void> => {
      await steps.sql('UPDATE membership_intent SET deadline_at = deadline_at - make_interval(secs => $1 / 1000.0) WHERE ended_at IS NULL', [ms]);
      await steps.sql('UPDATE membership SET touched_at = touched_at - make_interval(secs => $1 / 1000.0)', [ms]);
    };

    it('is followed by another, which counts only when the first can no longer land, and ends both', async () => {
      const { toolKey, groupId } = await steps.tool('revert');
      await steps.begin(toolKey);
      let calls = 0;
      const openWhenAbsent: number[] = [];
      const drive = await steps.drive(people(1), {
        remove: () => ((calls += 1) === 1 ? 'lost' : observed('absent', { write: 'unchanged' })),
        waited: async (ms) => {
          openWhenAbsent.push((await openOf(groupId)).length);
          await waited(ms);
        },
      });
      // The intent's 30 s and the provider's lag of 5 s, less what the steps themselves took.
      const [wait = 0] = drive.steps.flatMap((step) => (step.kind === 'wait' ? [step.waitMs] : []));
      expect(wait).toBeGreaterThan(20_000);
      expect(wait).toBeLessThanOrEqual(35_000);
      expect({ status: drive.status, openWhenAbsent, open: await openOf(groupId) }).toEqual({ status: 'done', openWhenAbsent: [1], open: [] });
      expect(await intents(groupId)).toEqual(['resolved', 'unchanged', 'unchanged'].map((outcome) => ({ outcome, open: false })));
    });

    it('is resolved by the next run when this one gave up', async () => {
      const { toolKey, groupId } = await steps.tool('revert');
      const strangers = people(1);
      await steps.begin(toolKey);
      await steps.drive(strangers, { remove: () => observed('unknown', { status: 'retryable', write: 'unknown', code: 'core.lost' }) });
      expect((await intents(groupId)).filter(({ open }) => open === true)).toHaveLength(4);
      await waited(40_000);
      await steps.begin(toolKey);
      expect((await steps.drive(strangers)).status).toBe('done');
      expect((await intents(groupId)).filter(({ open }) => open === true)).toEqual([]);
      expect(await openOf(groupId)).toEqual([]);
    });
  });

  describe('a removal that waits for its turn', () => {
    const twoOf = async (): Promise<{ readonly id: string; readonly groupId: string; readonly strangers: readonly string[] }> => {
      const { toolKey, groupId } = await steps.tool('revert');
      return { id: await steps.begin(toolKey), groupId, strangers: people(2) };
    };
    const others = async (groupId: string): Promise<readonly { readonly id: string; readonly hash: string }[]> =>
      (await steps.sql("SELECT f.id, f.identity_hash FROM finding f JOIN reconciliation_difference d ON d.finding_id = f.id WHERE f.external_group_id = $1 AND d.state = 'toRevert' AND f.state = 'open'", [groupId])).map((row) => ({ id: String(row['id']), hash: String(row['identity_hash']) }));

    it('is not made when an admin dismisses its finding meanwhile; one that is on its way can\'t be dismissed or accepted any more', async () => {
      const { id, groupId, strangers } = await twoOf();
      const answers: unknown[] = [];
      let removals = 0;
      await steps.drive(strangers, { beforeRemoval: async () => {
        removals += 1;
        if (removals > 1) return;
        for (const { id: finding } of await others(groupId)) for (const action of ['dismiss', 'accept'] as const) answers.push(await resolve(finding, action));
      } });
      const codes = answers.map((answer) => JSON.stringify(answer));
      expect(codes.filter((code) => code.includes('finding.being_repaired'))).toHaveLength(2);
      expect(codes.filter((code) => code === '{"ok":true}')).toHaveLength(1);
      expect(removals).toBe(1);
      expect(await steps.sql('SELECT state FROM finding WHERE external_group_id = $1 ORDER BY state', [groupId])).toEqual([{ state: 'dismissed' }, { state: 'repaired' }]);
      expect(await runOf(id)).toMatchObject({ status: 'done', counts: { removed: 1 } });
    });

    it('is not taken for done when the identity is not known any more', async () => {
      const { id, groupId, strangers } = await twoOf();
      let removals = 0;
      await steps.drive(strangers, { beforeRemoval: async () => {
        removals += 1;
        if (removals > 1) return;
        await steps.sql("DELETE FROM external_identity WHERE identity_hash IN (SELECT identity_hash FROM reconciliation_difference WHERE record_id = $1 AND state = 'toRevert') AND NOT EXISTS (SELECT 1 FROM membership m WHERE m.external_identity_id = external_identity.id)", [id]);
      } });
      expect(await openOf(groupId)).toHaveLength(1);
      expect(await runOf(id)).toMatchObject({ status: 'failed', failure: '1 confirmed differences could not be put right', counts: { removed: 1, failed: 1 } });
    });
  });

  it('lets a run and an admin\'s word on one of its findings wait for each other in one order', async () => {
    const { toolKey, groupId } = await steps.tool('quarantine');
    await steps.begin(toolKey);
    await steps.drive(people(1));
    const finding = String((await openOf(groupId))[0]?.['id']);
    await steps.begin(toolKey);
    const waiting = (): Promise<boolean> => steps.sql("SELECT 1 FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())").then((rows) => rows.length > 0);
    let word: ReturnType<typeof resolve> | undefined;
    await steps.uow.run('acme', async (tx) => {
      expect(await steps.deps.runs.lockRunning(tx, 'con')).not.toBeNull();
      word = resolve(finding, 'repair');
      await until('the admin waits for the run', waiting);
      await steps.deps.runs.closeFinding(tx, finding, { state: 'repaired', resolvedBy: 'reconciliation', note: null, gone: true });
    });
    expect(await word).toMatchObject({ ok: false, refusal: { code: 'finding.already_resolved' } });
    await steps.drive([]);
  });
});
