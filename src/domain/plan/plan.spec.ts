import fc from 'fast-check';
import { NOW } from '../../../test/decisions/facts.js';
import { GRANT_STATUSES } from '../grant/grant.js';
import { DECISIONS } from '../request/request.js';
import { deadlines, PHASES, phaseOf, type DueFacts } from './plan.js';

const at = (minutes: number): Date => new Date(NOW.getTime() + minutes * 60_000);
const pending = (over: Partial<DueFacts> = {}): DueFacts =>
  ({ decision: 'pending', remindAt: at(10), remindedAt: null, breachAt: at(20), breachedAt: null, lapseAt: at(30), grant: null, jobDueAt: null, actionAlarmAt: null, ...over });
const granted = (status: string, over: Partial<DueFacts> = {}): DueFacts =>
  ({ decision: 'approved', remindAt: at(10), remindedAt: null, breachAt: at(20), breachedAt: null, lapseAt: at(30), grant: { status, expiresAt: at(60) }, jobDueAt: null, actionAlarmAt: null, ...over });
const kinds = (facts: DueFacts): string[] => deadlines(facts, NOW, NOW).map(({ kind }) => kind);

describe('deadlines', () => {
  it('of a pending request come in their order and go when they were taken', () => {
    expect(kinds(pending())).toEqual(['remind', 'breach', 'lapse']);
    expect(kinds(pending({ lapseAt: at(5) }))).toEqual(['lapse', 'remind', 'breach']);
    expect(kinds(pending({ remindedAt: at(-1) }))).toEqual(['breach', 'lapse']);
    expect(kinds(pending({ remindedAt: at(-1), breachedAt: at(-1) }))).toEqual(['lapse']);
    expect(kinds(pending({ remindAt: null, breachAt: null, lapseAt: null }))).toEqual([]);
  });
  it('of a decided request are none of a pending one\'s', () => {
    for (const decision of DECISIONS.filter((status) => status !== 'pending')) expect(kinds(pending({ decision }))).toEqual([]);
  });
  it('let access expire while it is active or waits for provisioning, not while its clock is stopped or it is over', () => {
    expect(GRANT_STATUSES.filter((status) => kinds(granted(status)).includes('expire'))).toEqual(['pendingProvision', 'active']);
  });
  it('count domain time for deadlines and real time for attempts', () => {
    const due = deadlines(granted('active', { jobDueAt: at(5) }), at(600), NOW);
    expect(due).toEqual([{ kind: 'expire', at: at(60), inMs: -540 * 60_000 }, { kind: 'attempt', at: at(5), inMs: 5 * 60_000 }]);
  });
  it('are due at their very moment, and those of one moment always in the same order', () => {
    const moment = pending({ remindAt: NOW, breachAt: NOW, lapseAt: NOW });
    expect(deadlines(moment, NOW, NOW).map(({ kind, inMs }) => `${kind} ${inMs}`)).toEqual(['breach 0', 'lapse 0', 'remind 0']);
  });
  it('are sorted, and each is as far away as its time says', () => {
    const minute = fc.option(fc.integer({ min: -500, max: 500 }).map(at));
    const facts = fc.record<DueFacts>({
      decision: fc.constantFrom(...DECISIONS), remindAt: minute, remindedAt: minute, breachAt: minute, breachedAt: minute, lapseAt: minute, jobDueAt: minute, actionAlarmAt: minute,
      grant: fc.option(fc.record({ status: fc.constantFrom(...GRANT_STATUSES), expiresAt: fc.integer({ min: -500, max: 500 }).map(at) })),
    });
    fc.assert(fc.property(facts, fc.integer({ min: 0, max: 500 }).map(at), (given, now) => {
      const due = deadlines(given, now, NOW);
      expect(due.map(({ inMs }) => inMs)).toEqual(due.map(({ inMs }) => inMs).sort((a, b) => a - b));
      for (const { kind, at: when, inMs } of due) expect(inMs).toBe(when.getTime() - (kind === 'attempt' ? NOW : now).getTime());
    }));
  });
});

describe('phaseOf', () => {
  it('is pending whatever else, until it is decided', () => {
    for (const grantStatus of [null, ...GRANT_STATUSES]) for (const openManualAction of [false, true]) expect(phaseOf({ decision: 'pending', grantStatus, openManualAction })).toBe('pending');
  });
  it.each([
    ['approved', null, 'closed', 'closed'], ['denied', null, 'closed', 'closed'], ['withdrawn', null, 'closed', 'closed'], ['lapsed', null, 'closed', 'closed'],
    ['approved', 'pendingProvision', 'provisioning', 'manual'], ['approved', 'active', 'active', 'active'], ['approved', 'suspended', 'suspended', 'suspended'],
    ['approved', 'removing', 'removing', 'manual'], ['approved', 'expired', 'closed', 'closed'], ['approved', 'revoked', 'closed', 'closed'],
  ])('of a request that is %s with a grant that is %s', (decision, grantStatus, calm, manual) => {
    expect([phaseOf({ decision, grantStatus, openManualAction: false }), phaseOf({ decision, grantStatus, openManualAction: true })]).toEqual([calm, manual]);
  });
  it('names no phase that nothing reaches', () => {
    const seen = new Set(DECISIONS.flatMap((decision) => [null, ...GRANT_STATUSES].flatMap((grantStatus) => [false, true].map((openManualAction) => phaseOf({ decision, grantStatus, openManualAction })))));
    expect(PHASES.filter((phase) => !seen.has(phase))).toEqual([]);
  });
});
