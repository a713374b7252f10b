import fc from 'fast-check';
import { reachable } from '../../../test/decisions/transitions.js';
import {
  ESCALATE_REMOVAL_AFTER, intentOutcome, JOB_KINDS, JOB_STATUSES, JOB_TRANSITIONS, MAX_PROVISION_ATTEMPTS, nextJobStep, retryDelayMs, type ConvergeResult, type StepFacts,
} from './provisioning.js';

const answer = (over: Partial<ConvergeResult> = {}): ConvergeResult =>
  ({ status: 'observed', observed: 'present', readAt: '2026-03-10T12:00:00.000Z', write: 'changed', code: 'readBack', detail: 'The provider says present', retryAfterMs: null, providerRequestId: null, ...over });
const facts = (over: Partial<StepFacts> = {}): StepFacts => ({ jobKind: 'provision', attempts: 1, desired: 'present', olderIntentsMs: 0, result: answer(), ...over });
const removal = (over: Partial<StepFacts> = {}): StepFacts => facts({ jobKind: 'deprovision', desired: 'absent', result: answer({ observed: 'absent' }), ...over });

const anyAnswer: fc.Arbitrary<ConvergeResult> = fc.record({
  status: fc.constantFrom('observed', 'retryable', 'manual', 'notAttempted'), observed: fc.constantFrom('present', 'absent', 'unknown'), readAt: fc.option(fc.constant('2026-03-10T12:00:00.000Z')),
  write: fc.constantFrom('none', 'changed', 'unchanged', 'unknown'), code: fc.constant('code'), detail: fc.constant('detail'), retryAfterMs: fc.option(fc.nat(7_200_000)), providerRequestId: fc.constant(null),
});
const anyFacts: fc.Arbitrary<StepFacts> = fc.record({
  jobKind: fc.constantFrom(...JOB_KINDS), attempts: fc.integer({ min: 1, max: 500 }), desired: fc.constantFrom('present', 'absent'), result: anyAnswer, olderIntentsMs: fc.constantFrom(0, 1, 35_000),
});

describe('the life of a job', () => {
  it('starts queued, reaches every state and can end from each', () => {
    expect([...reachable(JOB_TRANSITIONS, 'queued')].sort()).toEqual([...JOB_STATUSES].sort());
    for (const status of JOB_STATUSES) expect(JOB_TRANSITIONS[status].length > 0).toBe(status !== 'succeeded' && status !== 'superseded');
    for (const status of JOB_STATUSES.filter((from) => JOB_TRANSITIONS[from].length > 0)) expect(JOB_TRANSITIONS[status]).toEqual(expect.arrayContaining(['succeeded', 'superseded']));
  });
});

describe('retryDelayMs', () => {
  it('doubles from a second up to a quarter of an hour', () => {
    expect([1, 2, 3, 4, 10, 11, 12, 1_000_000].map((attempts) => retryDelayMs(attempts, null))).toEqual([1_000, 2_000, 4_000, 8_000, 512_000, 900_000, 900_000, 900_000]);
  });
  it('never undercuts what the provider asks for and never the back-off', () => {
    expect([retryDelayMs(1, 60_000), retryDelayMs(1, 10), retryDelayMs(40, 7_200_000), retryDelayMs(0, null)]).toEqual([60_000, 1_000, 7_200_000, 1_000]);
    fc.assert(fc.property(fc.nat(200), fc.option(fc.nat(7_200_000)), (attempts, retryAfterMs) => {
      const delay = retryDelayMs(attempts, retryAfterMs);
      expect(delay).toBeGreaterThanOrEqual(retryAfterMs ?? 0);
      expect(delay).toBeLessThanOrEqual(retryDelayMs(attempts + 1, retryAfterMs));
    }));
  });
});

describe('nextJobStep', () => {
  it.each<readonly [name: string, over: StepFacts, step: object]>([
    ['presence is read back', facts(), { kind: 'succeeded' }],
    ['presence was there already', facts({ result: answer({ write: 'none' }) }), { kind: 'succeeded' }],
    ['presence is read back while an older intent could still land, which only adds', facts({ olderIntentsMs: 5_000 }), { kind: 'succeeded' }],
    ['absence is read back and nothing older can land', removal(), { kind: 'succeeded' }],
    ['absence is read back while an older intent could still land', removal({ olderIntentsMs: 5_000 }), { kind: 'retry', delayMs: 5_000, escalate: false }],
    ['a newer decision stopped the attempt', facts({ attempts: 99, result: answer({ status: 'notAttempted', observed: 'unknown', write: 'none' }) }), { kind: 'retry', delayMs: 100, escalate: false }],
    ['another attempt holds the lease for so long', removal({ result: answer({ status: 'notAttempted', observed: 'unknown', write: 'none', retryAfterMs: 4_000 }) }), { kind: 'retry', delayMs: 4_000, escalate: false }],
    ['the provider is away', facts({ attempts: 3, result: answer({ status: 'retryable', observed: 'unknown' }) }), { kind: 'retry', delayMs: 4_000, escalate: false }],
    ['the provider says when', facts({ result: answer({ status: 'retryable', observed: 'unknown', retryAfterMs: 90_000 }) }), { kind: 'retry', delayMs: 90_000, escalate: false }],
    ['people must look before somebody is added', facts({ result: answer({ status: 'manual', observed: 'unknown' }) }), { kind: 'manual' }],
    ['adding was tried often enough', facts({ attempts: MAX_PROVISION_ATTEMPTS, result: answer({ status: 'retryable', observed: 'unknown' }) }), { kind: 'deadLetter' }],
    ['people must look at a removal, which goes on', removal({ result: answer({ status: 'manual', observed: 'unknown' }) }), { kind: 'retry', delayMs: 1_000, escalate: true }],
    ['removing takes long and goes on', removal({ attempts: ESCALATE_REMOVAL_AFTER, result: answer({ status: 'retryable', observed: 'unknown' }) }), { kind: 'retry', delayMs: 4_000, escalate: true }],
    ['the person is still there after a removal', removal({ result: answer() }), { kind: 'retry', delayMs: 1_000, escalate: false }],
    ['the person was removed by somebody else before the grant was active', facts({ result: answer({ observed: 'absent', write: 'none', code: 'add.not_repeated' }) }), { kind: 'retry', delayMs: 1_000, escalate: false }],
  ])('when %s', (_name, given, step) => {
    expect(nextJobStep(given)).toEqual(step);
  });

  it('succeeds only on a read of what is wanted, and for absence only when nothing older can land', () => {
    fc.assert(fc.property(anyFacts, (given) => {
      if (nextJobStep(given).kind !== 'succeeded') return;
      expect([given.result.status, given.result.observed]).toEqual(['observed', given.desired]);
      if (given.desired === 'absent') expect(given.olderIntentsMs).toBe(0);
    }), { numRuns: 3_000 });
  });

  it('never gives up a removal', () => {
    fc.assert(fc.property(anyFacts, (given) => {
      expect(['succeeded', 'retry']).toContain(nextJobStep({ ...given, jobKind: 'deprovision' }).kind);
    }), { numRuns: 3_000 });
  });

  it('never waits less than the provider asks for', () => {
    fc.assert(fc.property(anyFacts, (given) => {
      const step = nextJobStep(given);
      const asked = given.result.status === 'observed' && given.result.observed === given.desired ? given.olderIntentsMs : (given.result.retryAfterMs ?? 0);
      if (step.kind === 'retry') expect(step.delayMs).toBeGreaterThanOrEqual(asked);
    }), { numRuns: 3_000 });
  });
});

describe('intentOutcome', () => {
  it.each<readonly [write: ConvergeResult['write'], status: ConvergeResult['status'], outcome: string]>([
    ['changed', 'observed', 'changed'], ['changed', 'retryable', 'changed'], ['unchanged', 'observed', 'unchanged'], ['unchanged', 'retryable', 'unchanged'],
    ['none', 'observed', 'unchanged'], ['none', 'retryable', 'notWritten'], ['none', 'manual', 'notWritten'], ['none', 'notAttempted', 'notWritten'],
    ['unknown', 'observed', 'unknown'], ['unknown', 'retryable', 'unknown'], ['unknown', 'manual', 'unknown'],
  ])('of write %s that ended %s is %s', (write, status, outcome) => {
    expect(intentOutcome(answer({ write, status }))).toBe(outcome);
  });
});
