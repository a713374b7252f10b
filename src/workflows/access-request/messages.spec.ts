import fc from 'fast-check';
import type { CoreCallOrder, CoreCallResult } from '../../application/core/core-call.js';
import type { AppliedStep, StoredAnswer, Stepped } from '../../application/access/steps.js';
import { PHASES, type ConvergeOrder, type Plan } from '../../domain/plan/plan.js';
import type { ConvergeResult } from '../../domain/provisioning/provisioning.js';
import { OPERATIONS } from '../../domain/request/operations.js';
import { REFUSAL_STATUS, isRefusalCode } from '../../domain/refusal.js';
import type { CoreCallInput } from '../core-call/core-call.workflow.js';
import { UPDATES, workflowIdOf, type AccessRequestInput, type CommandResult, type StateView } from './messages.js';

/** Itself where all of it survives JSON; `never` at the first Date, function, undefined, class or bigint. */
type JsonPlain<T> = T extends string | number | boolean | null ? T
  : T extends readonly (infer Item)[] ? readonly JsonPlain<Item>[]
  : T extends Date | ((...parameters: never[]) => unknown) | ReadonlyMap<unknown, unknown> | ReadonlySet<unknown> | Uint8Array ? never
  : T extends object ? { readonly [Key in keyof T]: JsonPlain<T[Key]> } : never;
/** Compiles only where every value of the type is plain JSON, and shows that each given one is. */
function survives<T>(values: fc.Arbitrary<T & JsonPlain<T>>): void {
  fc.assert(fc.property(values, (value) => { expect(JSON.parse(JSON.stringify(value))).toEqual(value); }));
}

const text = fc.string({ maxLength: 12 });
const iso = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }).map((date) => date.toISOString());
const ms = fc.nat(90 * 86_400_000);
const provider = fc.constantFrom('okta' as const, 'entra' as const);
const order = fc.record({
  siteId: text, requestId: text, jobId: text, intentId: text, membershipId: text, mode: fc.constantFrom('converge' as const, 'read' as const), desired: fc.constantFrom('present' as const, 'absent' as const),
  generation: fc.nat(), mayAdd: fc.boolean(), deadlineAt: iso, provider, connectorId: text, sealedConfig: text, externalGroupId: text, sealedIdentity: text,
}) satisfies fc.Arbitrary<ConvergeOrder>;
const result = fc.record({
  status: fc.constantFrom('observed' as const, 'retryable' as const, 'manual' as const, 'notAttempted' as const), observed: fc.constantFrom('present' as const, 'absent' as const, 'unknown' as const), readAt: fc.option(iso),
  write: fc.constantFrom('none' as const, 'changed' as const, 'unchanged' as const, 'unknown' as const), code: text, detail: text, retryAfterMs: fc.option(ms), providerRequestId: fc.option(text),
}) satisfies fc.Arbitrary<ConvergeResult>;
const plan = fc.record({
  rowVersion: fc.nat(), phase: fc.constantFrom(...PHASES), waitMs: fc.option(ms), alarmKey: text, alarmFor: text, ended: fc.boolean(), act: fc.option(order), tickets: fc.constantFrom('none' as const, 'idle' as const, 'overdue' as const),
  search: fc.record({ expiresAt: fc.option(iso), approvalDueAt: fc.option(iso), pendingStage: fc.option(text), needsManualAction: fc.boolean() }), details: text,
}) satisfies fc.Arbitrary<Plan>;
const stored = fc.oneof(
  fc.record({ ok: fc.constant(true as const), answer: fc.dictionary(text, fc.oneof(text, fc.nat(), fc.boolean(), fc.constant(null))) }),
  fc.record({ ok: fc.constant(false as const), refusal: fc.record({ code: fc.constantFrom(...Object.keys(REFUSAL_STATUS).filter(isRefusalCode)), detail: text, path: text }, { requiredKeys: ['code', 'detail'] }) }),
) satisfies fc.Arbitrary<StoredAnswer>;
const outcome = fc.oneof(fc.record({ kind: fc.constant('answered' as const), status: fc.nat(599), answer: stored }), fc.record({ kind: fc.constant('needsRead' as const), order }));

describe('what crosses the engine', () => {
  it('is plain JSON: the plan, the order, the result', () => {
    survives<Plan>(plan);
    survives<ConvergeOrder>(order);
    survives<ConvergeResult>(result);
  });

  it('is plain JSON: a step and what a command is answered', () => {
    survives<Stepped>(fc.record({ plan, wake: fc.array(text) }));
    survives<AppliedStep>(fc.record({ plan, wake: fc.array(text), outcome }));
    survives<CommandResult>(fc.record({ status: fc.nat(599), stored: text }));
  });

  it('is plain JSON: inputs and the operator\'s view', () => {
    survives<AccessRequestInput>(fc.record({ siteId: text, requestId: text }));
    survives<CoreCallInput>(fc.record({ siteId: text, commandId: text }));
    survives<StateView>(fc.record({ phase: text, nextInMs: fc.option(ms), nextFor: text, providerStep: fc.option(text), writingTicket: fc.boolean() }));
  });

  it('is plain JSON by its type: calls that an admin waits for', () => {
    const types: readonly [(order: CoreCallOrder) => JsonPlain<CoreCallOrder>, (result: CoreCallResult) => JsonPlain<CoreCallResult>] = [(given) => given, (given) => given];
    expect(types).toHaveLength(2);
  });
});

describe('updates', () => {
  it('are one for each operation, under its name', () => {
    expect(Object.keys(UPDATES).sort()).toEqual([...OPERATIONS].sort());
    for (const [name, update] of Object.entries(UPDATES)) expect(update.name).toBe(name);
  });
});

describe('a workflow\'s id', () => {
  it('follows from site and request and names nothing else', () => {
    expect(workflowIdOf('acme', 'req_1')).toBe('access/acme/req_1');
  });
});
