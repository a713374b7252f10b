import fc from 'fast-check';
import { AccessModel, TOOLS, type Attempt } from '../../../test/decisions/access-model.js';
import { modelRuns, modelSeed } from '../../../test/support/bounds.js';
import { isOpen } from '../../domain/grant/grant.js';
import type { CommandPayload } from './commands/command-types.js';

const SECOND = 1_000;
const DAY = 86_400_000;

/** One thing that happens. `n` picks a request, a tool or an open manual action, whatever there is. */
type Event =
  | { readonly kind: 'ask'; readonly who: string; readonly n: number; readonly days: number; readonly groups: readonly string[] }
  | { readonly kind: 'decide'; readonly n: number; readonly decision: 'approve' | 'deny' }
  | { readonly kind: 'end' | 'giveBack' | 'withdraw' | 'retry' | 'complete'; readonly n: number }
  | { readonly kind: 'extend'; readonly n: number; readonly days: number }
  | { readonly kind: 'attempt'; readonly n: number; readonly how: Attempt }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'outside'; readonly who: string; readonly present: boolean }
  | { readonly kind: 'restart'; readonly wasSent: boolean }
  | { readonly kind: 'admin'; readonly what: 'block' | 'unblock' | 'disable' | 'enable' | 'unmap' | 'map' | 'remap' | 'lapse' | 'renew' };
const n = fc.nat(7);
const days = fc.constantFrom(1, 7, 30, 90);
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('ask' as const), who: fc.constantFrom('ann', 'ann', 'eve'), n, days, groups: fc.constantFrom([], ['engineers']) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('decide' as const), n, decision: fc.constantFrom('approve', 'approve', 'approve', 'deny') }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('end' as const, 'giveBack' as const, 'withdraw' as const, 'retry' as const, 'complete' as const), n }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('extend' as const), n, days }) },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('attempt' as const), n, how: fc.constantFrom('works' as const, 'works' as const, 'isAway' as const, 'isRefused' as const, 'losesTheAnswer' as const, 'losesTheAnswerAndLandsLate' as const, 'isCalledOff' as const) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(SECOND, 10 * SECOND, 40 * SECOND, 3_600 * SECOND, DAY, 10 * DAY, 40 * DAY) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('outside' as const), who: fc.constantFrom('ann', 'eve'), present: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart' as const), wasSent: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('admin' as const), what: fc.constantFrom('block' as const, 'unblock' as const, 'disable' as const, 'enable' as const, 'unmap' as const, 'map' as const, 'remap' as const, 'lapse' as const, 'renew' as const) }) },
);
const approver = { accountId: 'bob', isAdmin: false };

/** What happens to everybody at once, or to nobody's request in particular. */
type Ambient = Extract<Event, { readonly kind: 'pass' | 'admin' | 'outside' | 'restart' }>;
const isAmbient = (given: Event): given is Ambient => ['pass', 'admin', 'outside', 'restart'].includes(given.kind);

async function happen(model: AccessModel, given: Event): Promise<void> {
  if (isAmbient(given)) return happenAround(model, given);
  if (given.kind === 'ask') return model.ask(given.who, TOOLS[given.n % TOOLS.length] ?? 'inside', given.days, given.groups);
  const requestId = model.requests[given.n % Math.max(1, model.requests.length)];
  if (requestId === undefined) return;
  if (given.kind === 'attempt') return model.attempt(requestId, given.how);
  const payload = payloadOf(model, requestId, given);
  if (payload !== null) await model.send(requestId, payload);
}

async function happenAround(model: AccessModel, given: Ambient): Promise<void> {
  switch (given.kind) {
    case 'pass': return model.pass(given.ms);
    case 'restart': return model.restart(given.wasSent);
    case 'outside': model.outside(`ext-${given.who}`, given.present); break;
    case 'admin': administer(model, given.what);
  }
}

function payloadOf(model: AccessModel, requestId: string, given: Exclude<Event, Ambient | { readonly kind: 'ask' | 'attempt' }>): CommandPayload | null {
  const holder = { accountId: model.record.request(requestId).requester, isAdmin: false };
  const { jobs, manualActions } = model.record.tables;
  switch (given.kind) {
    case 'decide': return { operation: 'decide', caller: approver, decision: given.decision, comment: null, durationDays: null };
    case 'end': return { operation: 'revoke', caller: approver, comment: null };
    case 'giveBack': return { operation: 'return', caller: holder, comment: null };
    case 'withdraw': return { operation: 'withdraw', caller: holder, comment: null };
    case 'extend': return { operation: 'extend', caller: approver, durationDays: given.days, reason: 'more' };
    case 'retry': {
      const job = [...jobs.values()].find((row) => row.requestId === requestId && ['manual', 'deadLetter', 'retrying'].includes(row.status));
      return job === undefined ? null : { operation: 'retryProvisioning', caller: approver, jobId: job.id };
    }
    case 'complete': {
      const action = [...manualActions.values()].find((row) => row.requestId === requestId && row.status === 'open');
      return action === undefined ? null : { operation: 'completeManualAction', caller: approver, manualActionId: action.id, outcome: action.kind === 'provision' ? 'fulfilled' : action.kind === 'deprovision' ? 'deprovisioned' : 'verified', note: null };
    }
  }
}

type Admin = Extract<Event, { readonly kind: 'admin' }>['what'];
const IDENTITIES: Partial<Record<Admin, Readonly<Record<string, string>>>> = { unmap: { eve: 'ext-eve' }, map: { ann: 'ext-ann', eve: 'ext-eve' }, remap: { ann: 'ext-ann-2', eve: 'ext-eve' } };
function administer(model: AccessModel, what: Admin): void {
  const { record: { premises } } = model;
  premises.identities = IDENTITIES[what] ?? premises.identities;
  model.wasRemapped ||= what === 'remap';
  if (what === 'lapse' || what === 'renew') model.record.siteLicence = what === 'lapse' ? 'inactive' : 'active';
  changeTool(model, what);
}
function changeTool({ record: { premises } }: AccessModel, what: Admin): void {
  const { chatgpt } = premises.tools;
  if (chatgpt === undefined) return;
  const connector = { id: 'con', name: 'Okta', enabled: what === 'enable' };
  if (what === 'block' || what === 'unblock') premises.tools = { ...premises.tools, chatgpt: { ...chatgpt, policy: { ...chatgpt.policy, status: what === 'block' ? 'blocked' : 'approved' } } };
  if (what === 'disable' || what === 'enable') premises.tools = { ...premises.tools, chatgpt: { ...chatgpt, fulfilment: { ...chatgpt.fulfilment, connector } } };
}

/** What holds after everything that happens, whatever it was. */
function check(model: AccessModel): void {
  for (const membership of model.record.tables.memberships.values()) checkMembership(model, membership);
  for (const grant of model.record.tables.grants.values()) {
    checkGrant(model, grant);
    checkMove(model, grant);
  }
  checkIntents(model);
}

type Row<K extends keyof AccessModel['record']['tables']> = AccessModel['record']['tables'][K] extends Map<string, infer T> ? T : never;

function checkMembership(model: AccessModel, membership: Row<'memberships'>): void {
  const on = [...model.record.tables.grants.values()].filter((grant) => grant.membershipId === membership.id);
  // Desired follows from all grants on the membership (N7); an earlier identity may be on its way out.
  const isLeaving = model.wasRemapped && membership.desired === 'absent' && on.every((grant) => grant.status === 'pendingProvision' || grant.status === 'active' || !isOpen(grant.status));
  if (!isLeaving) expect({ desired: membership.desired }).toEqual({ desired: on.some((grant) => isOpen(grant.status)) ? 'present' : 'absent' });
  // After absence was reported, nothing of ours brings the person back (N6).
  const isOver = on.length > 0 && on.every((grant) => !isOpen(grant.status) && grant.status !== 'removing');
  if (membership.desired === 'absent' && isOver && !model.touchedOutside.has(membership.externalIdentityId)) expect(model.members.has(membership.externalIdentityId)).toBe(false);
}

function checkGrant({ record: { tables } }: AccessModel, grant: Row<'grants'>): void {
  const open = [...tables.jobs.values()].filter((job) => job.grantId === grant.id && job.status !== 'succeeded' && job.status !== 'superseded');
  const kinds = open.map(({ kind }) => kind);
  expect(new Set(kinds).size).toBe(kinds.length);
  // Waiting always has a visible reason (N2, N3).
  if (grant.status === 'pendingProvision' && grant.fulfilment !== 'none') expect(kinds).toEqual(['provision']);
  if (grant.status === 'removing') expect(kinds).toEqual(['deprovision']);
  for (const job of open.filter(({ status }) => status === 'manual' || status === 'deadLetter')) {
    expect([...tables.manualActions.values()].filter((action) => action.jobId === job.id && action.status === 'open')).toHaveLength(1);
  }
  if (grant.status === 'expired' || grant.status === 'revoked') expect({ kinds, evidence: grant.endEvidence !== null }).toEqual({ kinds: [], evidence: true });
  if (grant.fulfilment === 'connector' && grant.status === 'active') expect(grant.startEvidence).toBe('readBack');
}

/** Active access that is not wanted where it is, is on its way to another identity. */
function checkMove({ record: { tables } }: AccessModel, grant: Row<'grants'>): void {
  if (grant.status !== 'active' || grant.membershipId === null || tables.memberships.get(grant.membershipId)?.desired !== 'absent') return;
  expect([...tables.jobs.values()].filter((job) => job.grantId === grant.id && job.status !== 'succeeded' && job.status !== 'superseded').map(({ kind }) => kind)).toEqual(['provision']);
}

const OUTCOMES = new Set(['membership.added', 'membership.removed', 'membership.unchanged', 'membership.refused', 'membership.read', 'membership.outcome_resolved']);

/** Each intent has one outcome, and none before it ended (N4). */
function checkIntents({ record: { tables } }: AccessModel): void {
  const outcomes = tables.audits.filter(({ action }) => OUTCOMES.has(action));
  for (const intent of tables.intents.values()) {
    expect(outcomes.filter(({ subject }) => subject.intentId === intent.id)).toHaveLength(intent.endedAt === null ? 0 : 1);
  }
}

/** From here on everything works and time passes: does it all come to rest? */
async function settle(model: AccessModel): Promise<void> {
  administer(model, 'enable');
  administer(model, 'map');
  administer(model, 'renew');
  for (let turn = 0; turn < 40; turn += 1) {
    await model.pass(turn < 20 ? 60 * SECOND : 20 * DAY);
    for (const requestId of model.requests) await model.attempt(requestId, 'works');
    for (const requestId of model.requests) await happen(model, { kind: 'complete', n: model.requests.indexOf(requestId) });
    check(model);
    if (turn === 19) checkMoved(model);
  }
}
/** Nothing fails any more: whoever has access has it as who they are mapped to. */
function checkMoved({ record: { tables, premises } }: AccessModel): void {
  for (const { accountId, membershipId } of [...tables.grants.values()].filter((grant) => grant.status === 'active' && grant.fulfilment === 'connector')) {
    expect(tables.memberships.get(membershipId ?? '')?.externalIdentityId).toBe(premises.identities[accountId]);
  }
}

/** Ann is in the group. */
const ACTIVE: readonly Event[] = [{ kind: 'ask', who: 'ann', n: 0, days: 90, groups: [] }, { kind: 'decide', n: 0, decision: 'approve' }, { kind: 'attempt', n: 0, how: 'works' }];

/** The membership of an active grant that was read back, while nothing of ours is on its way to anybody. */
function restingMember(model: AccessModel): Row<'memberships'> | null {
  const { grants, memberships } = model.record.tables;
  const active = [...grants.values()].find((grant) => grant.status === 'active' && grant.membershipId !== null);
  const membership = memberships.get(active?.membershipId ?? '');
  if (membership?.observed !== 'present' || model.isAnyLate || model.underWay.size > 0) return null;
  // Another decision may be on its way to the same group: it adds, once.
  return membership.readBackGeneration === membership.generation ? membership : null;
}

/** Printed, so that any run can be made again: MODEL_SEED, and MODEL_RUNS for a longer one. */
const seed = modelSeed();
let steps = 0;
afterAll(() => process.stdout.write(`model: ${steps} steps checked, MODEL_SEED=${seed}\n`));

describe('the steps of requests, whatever happens around them and in whatever order', () => {
  it('keep their promises after each', async () => {
    await fc.assert(fc.asyncProperty(fc.array(event, { minLength: 5, maxLength: 60 }), async (events) => {
      const model = new AccessModel();
      for (const given of events) {
        await happen(model, given);
        check(model);
        steps += 1;
      }
    }), { numRuns: modelRuns(), seed });
  }, 900_000);

  it('add nobody again whom somebody else took out: only a new decision does', async () => {
    let tried = 0;
    await fc.assert(fc.asyncProperty(fc.array(event, { maxLength: 6 }), async (events) => {
      const model = new AccessModel();
      for (const given of [...ACTIVE, ...events]) await happen(model, given);
      const membership = restingMember(model);
      if (membership === null) return;
      tried += 1;
      model.outside(membership.externalIdentityId, false);
      for (const sent of [false, true]) {
        await model.restart(sent);
        await model.pass(60 * SECOND);
        for (const requestId of model.requests) await model.attempt(requestId, 'works');
      }
      const isSameDecision = model.record.tables.memberships.get(membership.id)?.generation === membership.generation;
      if (isSameDecision) expect(model.members.has(membership.externalIdentityId)).toBe(false);
    }), { numRuns: modelRuns(), seed });
    expect(tried).toBeGreaterThan(modelRuns() / 10);
  }, 900_000);

  it('come to rest: every access ends, and nobody is left in a group', async () => {
    await fc.assert(fc.asyncProperty(fc.array(event, { minLength: 5, maxLength: 40 }), async (events) => {
      const model = new AccessModel();
      for (const given of events) await happen(model, given);
      await settle(model);
      expect([...model.record.tables.grants.values()].filter((grant) => grant.status !== 'expired' && grant.status !== 'revoked')).toEqual([]);
      expect([...model.members].filter((identity) => !model.touchedOutside.has(identity))).toEqual([]);
      expect([...model.record.tables.requests.values()].filter((request) => request.closedAt === null)).toEqual([]);
      expect(model.underWay.size).toBe(0);
    }), { numRuns: Math.ceil(modelRuns() / 5), seed });
  }, 900_000);
});
