import { createHash } from 'node:crypto';
import { isThrough, NUDGE_AFTER_LOOKS, quietPauseMs, type MassActionCounts } from '../../domain/mass-action/mass-action.js';
import { recordWorkflowCommand } from '../commands/run-command.js';
import type { CommandContext } from '../ports/api-commands.port.js';
import { EngineUnavailable } from '../ports/api-commands.port.js';
import type { CommandStore } from '../ports/command-store.port.js';
import type { AccessEngine } from '../ports/engine.port.js';
import type { MassActionRow, MassActionStore, MassActionWork } from '../ports/mass-action-store.port.js';
import { DatabaseUnavailable, type SiteTx, type UnitOfWork } from '../ports/unit-of-work.port.js';
import { auditNames, massSubject } from './mass-action-audit.js';

export interface MassActionDeps {
  readonly uow: UnitOfWork<SiteTx>;
  readonly massActions: Pick<MassActionStore, 'find' | 'lock' | 'update' | 'listItems' | 'counts' | 'toStop' | 'toEnd' | 'toRestore' | 'unrestored'>;
  readonly commands: Pick<CommandStore, 'claim'>;
  readonly engine: Pick<AccessEngine, 'deliver' | 'wake'>;
  readonly log: (message: string, detail: Readonly<Record<string, string>>) => void;
}

/** Where a mass action is after one batch. Plain JSON: it crosses the engine. */
export interface MassActionStep {
  readonly done: boolean;
  /** The pass goes on behind this request; empty: a new pass. */
  readonly after: string;
  /** Milliseconds until the next look; 0: at once. */
  readonly pauseMs: number;
  readonly moved: boolean;
  readonly counts: MassActionCounts;
}

const BATCH = 64;
/** Commands under way at once: enough to keep a governance worker busy, few enough that decisions of people find their place. */
const PARALLEL = 8;

/**
 * One batch of a mass action, stopping or restoring (SPEC G8). Everything it does is keyed by mass action and request, so doing it again after a crash changes
 * nothing. @param after where the pass goes on @param quietLooks how many looks in a row changed nothing @param signal ends the batch after the items under way; what was not
 * sent is sent by the next pass. @throws the signal's reason, once it is aborted
 */
export async function advanceMassAction(deps: MassActionDeps, siteId: string, id: string, after: string, quietLooks: number, signal: AbortSignal): Promise<MassActionStep> {
  const row = await deps.uow.run(siteId, (tx) => deps.massActions.find(tx, id));
  if (row === null) throw new Error(`site ${siteId} has no mass action ${id}`);
  if (row.status === 'running') return stopBatch(deps, siteId, row, after, quietLooks, signal);
  if (row.restoreStatus === 'running') return restoreBatch(deps, siteId, row, after, quietLooks, signal);
  return { done: true, after: '', pauseMs: 0, moved: false, counts: await deps.uow.run(siteId, (tx) => deps.massActions.counts(tx, id)) };
}

async function stopBatch(deps: MassActionDeps, siteId: string, row: MassActionRow, after: string, quietLooks: number, signal: AbortSignal): Promise<MassActionStep> {
  const work = await deps.uow.run(siteId, async (tx) => {
    // Listed again at the head of each pass: the gate makes the first list complete, and this would show it if it were not.
    if (after === '') await deps.massActions.listItems(tx, row);
    return deps.massActions.toStop(tx, row.id, after, BATCH);
  });
  const sent = await send(deps, siteId, row, 'stop', work, signal);
  if (work.length === BATCH) return { done: false, after: work.at(-1)?.requestId ?? '', pauseMs: 0, moved: sent > 0, counts: await countsOf(deps, siteId, row) };
  if (sent === 0 && quietLooks === NUDGE_AFTER_LOOKS) await nudge(deps, siteId, row, signal);
  return deps.uow.run(siteId, async (tx) => {
    const locked = await deps.massActions.lock(tx, row.id);
    const added = await deps.massActions.listItems(tx, row);
    const counts = await deps.massActions.counts(tx, row.id);
    const through = added === 0 && isThrough(counts) && locked?.status === 'running';
    if (through) {
      await deps.massActions.update(tx, row.id, { status: 'done', finishedAt: tx.now });
      await tx.audit({ action: auditNames(row.source).finished, actor: { kind: 'system', name: 'mass-action' }, subject: massSubject(row), data: { ...counts } });
    }
    return { done: through, after: '', pauseMs: through || sent > 0 ? 0 : quietPauseMs(quietLooks), moved: sent > 0, counts };
  });
}

async function restoreBatch(deps: MassActionDeps, siteId: string, row: MassActionRow, after: string, quietLooks: number, signal: AbortSignal): Promise<MassActionStep> {
  const work = await deps.uow.run(siteId, (tx) => deps.massActions.toRestore(tx, row.id, after, BATCH));
  const sent = await send(deps, siteId, row, 'restore', work, signal);
  if (work.length === BATCH) return { done: false, after: work.at(-1)?.requestId ?? '', pauseMs: 0, moved: sent > 0, counts: await countsOf(deps, siteId, row) };
  return deps.uow.run(siteId, async (tx) => {
    await deps.massActions.lock(tx, row.id);
    const left = await deps.massActions.unrestored(tx, row.id);
    const counts = await deps.massActions.counts(tx, row.id);
    if (left === 0) {
      await deps.massActions.update(tx, row.id, { restoreStatus: 'done' });
      await tx.audit({ action: auditNames(row.source).restoreFinished, actor: { kind: 'system', name: 'mass-action' }, subject: massSubject(row), data: { restored: counts.restored, refused: counts.restoreRefused, waiting: counts.restoreWaiting } });
    }
    return { done: left === 0, after: '', pauseMs: left === 0 || sent > 0 ? 0 : quietPauseMs(quietLooks), moved: sent > 0, counts };
  });
}
const countsOf = (deps: MassActionDeps, siteId: string, row: MassActionRow): Promise<MassActionCounts> => deps.uow.run(siteId, (tx) => deps.massActions.counts(tx, row.id));

/** Sends each its command, some at a time; returns how many were answered. One that is not is sent again by the next pass, under the same id. */
async function send(deps: MassActionDeps, siteId: string, row: MassActionRow, operation: 'stop' | 'restore', work: readonly MassActionWork[], signal: AbortSignal): Promise<number> {
  if (work.length === 0) return 0;
  const ids = await deps.uow.run(siteId, async (tx) => {
    const claimed: { readonly work: MassActionWork; readonly commandId: string }[] = [];
    for (const item of work) {
      const recorded = await recordWorkflowCommand(deps, tx, contextOf(siteId, row, operation, item.restoresBlocked), { operation, requestId: item.requestId, payload: { operation, massActionId: row.id, caller: { accountId: nameOf(row), isAdmin: false } }, item: item.requestId });
      if (!recorded.ok) throw new Error(`a command of mass action ${row.id} has another body than before`);
      claimed.push({ work: item, commandId: recorded.commandId });
    }
    return claimed;
  });
  return answeredOf(ids, signal, ({ work: { requestId, labels }, commandId }) => answered(deps, { requestId, operation }, () => deps.engine.deliver(siteId, requestId, operation, commandId, labels)));
}

/** A worker that died behind the commit of a stop took the run's knowledge of it along; only the poller would tell it, a minute later. Harmless where nothing is amiss. */
async function nudge(deps: MassActionDeps, siteId: string, row: MassActionRow, signal: AbortSignal): Promise<void> {
  for (let after = ''; ;) {
    const from = after;
    const work = await deps.uow.run(siteId, (tx) => deps.massActions.toEnd(tx, row.id, from, BATCH));
    await answeredOf(work, signal, ({ requestId, labels }) => answered(deps, { requestId, operation: 'wake' }, () => deps.engine.wake(siteId, requestId, 'due', labels)));
    if (work.length < BATCH) return;
    after = work.at(-1)?.requestId ?? '';
  }
}

/** How many were answered, some at a time. @throws the signal's reason, once it is aborted */
async function answeredOf<T>(items: readonly T[], signal: AbortSignal, send: (item: T) => Promise<boolean>): Promise<number> {
  let count = 0;
  const queue = [...items];
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined && !signal.aborted; next = queue.shift()) {
      if (await send(next)) count += 1;
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, lane));
  signal.throwIfAborted();
  return count;
}
/** Whether the item was answered. Whatever keeps one item from its answer must not keep the others from theirs, so nothing is thrown: an unknown reason is logged and the next pass tries again. */
async function answered(deps: MassActionDeps, item: { readonly requestId: string; readonly operation: string }, call: () => Promise<void>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    if (!(error instanceof EngineUnavailable || error instanceof DatabaseUnavailable)) deps.log('an item of a mass action was not answered; it is tried again', { ...item, why: error instanceof Error ? error.message : 'unknown' });
    return false;
  }
}

const nameOf = (row: MassActionRow): string => (row.source === 'leaver' ? 'leaver' : 'kill-switch');
/** The key is the mass action's: one command per operation and request, whoever sends it and however often. A restore that another block refused is asked for anew. */
function contextOf(siteId: string, row: MassActionRow, operation: 'stop' | 'restore', restoresBlocked: number): CommandContext {
  const round = operation === 'restore' && restoresBlocked > 0 ? `/${restoresBlocked}` : '';
  return {
    principal: { siteId, accountId: nameOf(row), kind: 'service', roles: new Set() }, idempotencyKey: `${row.id}${round}`, methodAndPath: `mass-action/${operation}`,
    bodyHash: createHash('sha256').update(`${row.id}/${operation}`, 'utf8').digest('hex'), correlationId: row.id,
  };
}
