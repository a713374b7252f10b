import { decideAbility, endAbility, extendAbility, withdrawAbility, type Ability } from '../../src/domain/abilities/abilities.js';
import { decideVote } from '../../src/domain/approval/decide.js';
import { addDays, decideEnd, decideExtension } from '../../src/domain/grant/grant.js';
import type { RefusalCode } from '../../src/domain/refusal.js';
import { NOW } from './facts.js';
import { goldenCases, type GoldenCase } from './golden-cases.js';
import { GoldenWorld } from './golden-world.js';

const cases = goldenCases();

interface Said { readonly refused?: RefusalCode; readonly decision?: string; readonly pendingStage?: string; readonly rules?: readonly string[]; readonly expiresAt?: Date }
type When<Operation> = Extract<GoldenCase['when'], { readonly operation: Operation }>;

const onIntake = (world: GoldenWorld, when: When<'ask'>): Said => {
  const policy = world.policy(when.durationDays, when.dataClasses, when.groups, when.role);
  return { decision: { deny: 'denied', autoApprove: 'approved', review: 'pending' }[policy.outcome], rules: policy.rules.map(({ rule }) => rule) };
};
const onVote = (world: GoldenWorld, when: When<'decide'>): Said => {
  const decided = decideVote(world.decisionFacts(when));
  if (!decided.ok) return { refused: decided.error.code };
  if (decided.value.kind === 'nextStage') return { decision: 'pending', pendingStage: decided.value.stage };
  return { decision: decided.value.kind === 'approved' ? 'approved' : 'denied' };
};
const onEnd = (world: GoldenWorld, when: When<'revoke' | 'return'>): Said => {
  if (world.grant === null) return { refused: 'grant.not_found' };
  const decided = decideEnd({ status: world.grant.status, accountId: world.grant.accountId, actor: { accountId: when.by, mayDecide: world.mayManage(when) }, operation: when.operation });
  return decided.ok ? {} : { refused: decided.error.code };
};
const onExtension = (world: GoldenWorld, when: When<'extend'>): Said => {
  if (world.grant === null) return { refused: 'grant.not_found' };
  const decided = decideExtension(world.extensionFacts(when, world.grant));
  return decided.ok ? { expiresAt: decided.value.expiresAt } : { refused: decided.error.code };
};
/** What the core says to the facts of a case: a refusal, or what follows. Null where the core decides nothing. */
function bySaying(world: GoldenWorld): Said | null {
  const { when } = world.golden;
  switch (when.operation) {
    case 'ask': return onIntake(world, when);
    case 'decide': return onVote(world, when);
    case 'revoke':
    case 'return': return onEnd(world, when);
    case 'extend': return onExtension(world, when);
    case 'withdraw':
    case 'timePasses': return null;
  }
}

/** What the screens are told before anybody tries. */
function ability(world: GoldenWorld): Ability | null {
  const { when } = world.golden;
  switch (when.operation) {
    case 'decide': return decideAbility(world.abilityFacts(when));
    case 'withdraw': return withdrawAbility(world.abilityFacts(when));
    case 'revoke':
    case 'return': return endAbility(world.abilityFacts(when), when.operation);
    case 'extend': return extendAbility(world.abilityFacts(when));
    case 'ask':
    case 'timePasses': return null;
  }
}
/** Of the input, not of the person and the state: nobody can tell before it is sent. */
const ONLY_WHEN_SENT: readonly string[] = ['review.duration_not_shorter', 'policy.denied', 'access.blocked', 'extension.review_required', 'request.content_changed', 'grant.duplicate_open', 'tool.assignment_unconfirmed', 'extension.life_exceeded'];

describe('golden cases', () => {
  it('have names of their own', () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    expect(cases.length).toBeGreaterThanOrEqual(25);
  });

  it.each(cases)('are lived by the application: $name', async (golden: GoldenCase) => {
    const { then } = golden;
    const { record, requestId, refused } = await new GoldenWorld(golden).live();
    const request = record.request(requestId);
    const grant = record.grantOf(requestId);
    expect({ refused, audit: record.tables.audits.map(({ action }) => action) }).toEqual({ refused: then.refused, audit: then.audit });
    if (then.decision !== undefined) expect(request.decision).toBe(then.decision);
    if (then.source !== undefined) expect(request.decisionSource).toBe(then.source);
    if (then.pendingStage !== undefined) expect(request.pendingStage).toBe(then.pendingStage);
    if (then.grant !== undefined) expect(grant?.status ?? null).toBe(then.grant);
    if (then.expiresInDays !== undefined) expect(grant?.expiresAt).toEqual(addDays(NOW, then.expiresInDays));
    expect(record.tables.tickets.filter(({ kind }) => kind === 'transition').map(({ content }) => content)).toEqual(then.ticket === undefined ? [] : [expect.objectContaining({ decision: then.ticket })]);
  });

  it.each(cases.filter((golden) => bySaying(new GoldenWorld(golden)) !== null))('are decided by the core: $name', (golden: GoldenCase) => {
    const { then } = golden;
    const said = bySaying(new GoldenWorld(golden)) ?? {};
    expect(said.refused).toBe(then.refused);
    if (said.decision !== undefined && !golden.given.otherOpenGrant) expect(said.decision).toBe(then.decision); // beside an open grant the record leaves it to people
    if (then.rules !== undefined) expect(said.rules).toEqual(then.rules);
    if (said.pendingStage !== undefined) expect(said.pendingStage).toBe(then.pendingStage);
    if (said.expiresAt !== undefined && then.expiresInDays !== undefined) expect(said.expiresAt).toEqual(addDays(NOW, then.expiresInDays));
  });

  it.each(cases.filter((golden) => ability(new GoldenWorld(golden)) !== null))('are what the abilities say: $name', (golden: GoldenCase) => {
    const { refused } = golden.then;
    const told = ability(new GoldenWorld(golden));
    if (refused === undefined || (ONLY_WHEN_SENT.includes(refused) && told?.allowed === true)) expect(told).toEqual({ allowed: true });
    else expect(told).toEqual({ allowed: false, reason: refused });
  });
});
