import type { AuditActor } from '../../domain/audit/entry.js';
import type { ConvergeOrder, Plan } from '../../domain/plan/plan.js';
import type { ConvergeResult } from '../../domain/provisioning/provisioning.js';
import { err, type Result } from '../../domain/kernel/result.js';
import { REFUSAL_STATUS, refusal, type Refusal } from '../../domain/refusal.js';
import type { CommandRow } from '../ports/record.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import type { AccessCase } from './access-case.js';
import { openCase, type AccessDeps } from './access-deps.js';
import { advance, takeDue } from './advance.js';
import { decide } from './commands/decide.js';
import { removeAgain, revokeDrifted } from './commands/drift.js';
import { endEarly, withdraw } from './commands/end.js';
import { extend } from './commands/extend.js';
import { restore } from './commands/restore.js';
import { stop } from './commands/stop.js';
import { completeManualAction, retryProvisioning } from './commands/follow-up.js';
import { actorOfCommand, type Applied, type CommandAnswer, type CommandPayload } from './commands/command-types.js';
import { withFreshGroups } from './fresh-groups.js';
import { recordAttempt } from './record-attempt.js';

/** What a workflow step gives back: the plan, and whom else to wake. */
export interface Stepped { readonly plan: Plan; readonly wake: readonly string[] }
export type AppliedStep = Stepped & {
  readonly outcome:
    | { readonly kind: 'answered'; readonly status: number; readonly answer: StoredAnswer }
    /** The command waits for one read of the provider; call again with its result. */
    | { readonly kind: 'needsRead'; readonly order: ConvergeOrder };
};
/** As kept in the command row: exactly one of the two. */
export type StoredAnswer = { readonly ok: true; readonly answer: CommandAnswer } | { readonly ok: false; readonly refusal: Refusal };

/** The plan of a request that does not exist for this site: nothing to do, for ever. */
const GONE: Plan = { rowVersion: 0, phase: 'closed', waitMs: null, alarmKey: 'none', alarmFor: '', ended: true, act: null, tickets: 'none', search: { expiresAt: null, approvalDueAt: null, pendingStage: null, needsManualAction: false }, details: 'This request is not in the record.' };

/** Loads the request, takes what is due and says what is next. Marks the request as started the first time (DESIGN, intake). */
export function loadStep(deps: AccessDeps, siteId: string, requestId: string): Promise<Stepped> {
  return withFreshGroups(deps, siteId, (groups) => deps.uow.run(siteId, async (tx) => {
    const c = await openCase(deps, tx, requestId, groups);
    if (c === null) return { plan: GONE, wake: [] };
    if (c.request.startedAt === null) await c.patchRequest({ startedAt: c.now });
    return { plan: await advance(c), wake: [...c.wakeOthers] };
  }));
}

/** Records how a provider attempt ended and goes on from there. Repeating it is harmless. */
export function recordStep(deps: AccessDeps, siteId: string, requestId: string, intentId: string, result: ConvergeResult): Promise<Stepped> {
  return withFreshGroups(deps, siteId, (groups) => deps.uow.run(siteId, async (tx) => {
    const c = await openCase(deps, tx, requestId, groups);
    if (c === null) return { plan: GONE, wake: [] };
    await recordAttempt(c, intentId, result);
    return { plan: await advance(c), wake: [...c.wakeOthers] };
  }));
}

/**
 * Applies one command once: state, audit, tickets and the stored result in one transaction (DESIGN, commands). A refusal is a result too, stored and audited; a
 * repeat returns what is stored.
 */
export function applyStep(deps: AccessDeps, siteId: string, commandId: string, read: ConvergeResult | null): Promise<AppliedStep> {
  return withFreshGroups(deps, siteId, (groups) => deps.uow.run(siteId, async (tx) => {
    const command = await deps.store.lockCommand(tx, commandId);
    const requestId = command?.requestId ?? null;
    const c = requestId === null ? null : await openCase(deps, tx, requestId, groups);
    if (command === null || c === null) return { plan: GONE, wake: [], outcome: answered({ ok: false, refusal: refusal('command.unknown', 'There is no such command') }) };
    if (isStored(command.result)) return { plan: await advance(c), wake: [...c.wakeOthers], outcome: answered(command.result) };
    // What came due before this command is taken first: a decision at the stroke of a lapse sees a lapsed request (DESIGN, time).
    await takeDue(c);
    const applied = await dispatch(c, payloadOf(command), read);
    return conclude(deps, tx, c, command, applied);
  }));
}

async function conclude(deps: AccessDeps, tx: SiteTx, c: AccessCase, command: CommandRow, applied: Result<Applied, Refusal>): Promise<AppliedStep> {
  if (applied.ok && applied.value.kind === 'needsRead') return { plan: await advance(c), wake: [...c.wakeOthers], outcome: { kind: 'needsRead', order: applied.value.order } };
  const stored: StoredAnswer = applied.ok ? { ok: true, answer: applied.value.kind === 'done' ? applied.value.answer : {} } : { ok: false, refusal: applied.error };
  await keepAnswer(deps, tx, c, { id: command.id, actor: actorOfCommand(command.operation, command.actor), operation: command.operation }, stored);
  return { plan: await advance(c), wake: [...c.wakeOthers], outcome: answered(stored) };
}

/** Stores a command's result; a refused attempt is an event too, written exactly once: here, by whoever refuses (SPEC E1). */
export async function keepAnswer(deps: Pick<AccessDeps, 'store'>, tx: SiteTx, c: AccessCase, command: { readonly id: string; readonly actor: AuditActor; readonly operation: string }, stored: StoredAnswer): Promise<void> {
  if (!stored.ok) await c.audit(refusedAction(command.operation), command.actor, { commandId: command.id }, { operation: command.operation, code: stored.refusal.code });
  await deps.store.storeCommandResult(tx, command.id, statusOf(stored), stored);
}

function refusedAction(operation: string): 'decision.refused' | 'manual_action.refused' | 'command.refused' {
  if (operation === 'decide') return 'decision.refused';
  return operation === 'completeManualAction' ? 'manual_action.refused' : 'command.refused';
}

const statusOf = (stored: StoredAnswer): number => (stored.ok ? 200 : REFUSAL_STATUS[stored.refusal.code]);
const answered = (stored: StoredAnswer): AppliedStep['outcome'] => ({ kind: 'answered', status: statusOf(stored), answer: stored });
const isStored = (value: unknown): value is StoredAnswer => typeof value === 'object' && value !== null && 'ok' in value;

/** The payload was checked at the edge and written by us; its operation is the discriminant. */
function payloadOf(command: CommandRow): CommandPayload {
  if (isPayload(command.payload)) return command.payload;
  throw new Error(`command ${command.id} has no operation`);
}
const isPayload = (value: unknown): value is CommandPayload => typeof value === 'object' && value !== null && 'operation' in value && 'caller' in value;

/** The rules of one command on one locked case; writes only what it decides. */
export async function dispatch(c: AccessCase, payload: CommandPayload, read: ConvergeResult | null): Promise<Result<Applied, Refusal>> {
  switch (payload.operation) {
    case 'decide': return decide(c, payload, read);
    case 'withdraw': return withdraw(c, payload, read);
    case 'revoke':
    case 'return': return endEarly(c, payload, read);
    case 'extend': return extend(c, payload, read);
    case 'completeManualAction': return completeManualAction(c, payload, read);
    case 'retryProvisioning': return retryProvisioning(c, payload, read);
    case 'revokeDrifted': return revokeDrifted(c, payload, read);
    case 'removeAgain': return removeAgain(c, payload, read);
    case 'stop': return stop(c, payload, read);
    case 'restore': return restore(c, payload, read);
    default: return err(refusal('command.unknown', 'There is no such operation'));
  }
}
