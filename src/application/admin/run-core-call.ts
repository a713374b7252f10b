import type { CoreCallResult } from '../core/core-call.js';
import { recordCoreCommand, type CoreCommand } from '../core/record-core-call.js';
import { storedOutcome, type Reader } from '../commands/outcome.js';
import { findStored, keepOutcome, recordWorkflowCommand, type Recorded } from '../commands/run-command.js';
import { EngineUnavailable, type CommandContext, type CommandOutcome } from '../ports/api-commands.port.js';
import type { ApiRefusal } from '../../contracts/refusal-status.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import type { AdminDeps } from './admin-deps.js';

export type Prepared = { readonly ok: true; readonly core: CoreCommand } | { readonly ok: false; readonly refusal: ApiRefusal };
export interface CoreAnswer<T> { readonly outcome: CommandOutcome<T>; /** Null when the answer is an earlier one. */ readonly result: CoreCallResult | null }
interface CoreOperation<T> {
  /** Named in the audit event of a refusal that comes before the call. */
  readonly name: string;
  readonly answer: Reader<T>;
  /** Reads and decides, writes nothing. */
  readonly prepare: (tx: SiteTx) => Promise<Prepared>;
}

/**
 * A command that the identity provider has a word in: recorded and checked in one transaction, carried to the core worker and back by the engine,
 * answered from the command's row. @throws EngineUnavailable when the answer is not there in time; the same key asks for it again.
 */
export async function runCoreCall<T>(deps: AdminDeps, context: CommandContext, operation: CoreOperation<T>): Promise<CoreAnswer<T>> {
  const { siteId } = context.principal;
  const before = await findStored(deps, context, operation);
  if (before !== null) return { outcome: before, result: null };
  const recorded = await deps.uow.run(siteId, (tx) => record(deps, tx, context, operation));
  if ('outcome' in recorded) return { outcome: recorded.outcome, result: null };

  const result = await execute(deps, siteId, recorded.commandId);
  const outcome = await deps.uow.run(siteId, async (tx) => {
    const command = await deps.commands.lockById(tx, recorded.commandId);
    return command === null ? null : storedOutcome(command, operation.answer);
  });
  if (outcome === null) throw new EngineUnavailable('The core worker has not answered yet');
  return { outcome, result };
}

/** The result may be in its row although the engine could not say so. */
async function execute(deps: AdminDeps, siteId: string, commandId: string): Promise<CoreCallResult | null> {
  try {
    return await deps.coreCalls.execute(siteId, commandId);
  } catch (error) {
    if (!(error instanceof EngineUnavailable)) throw error;
    const command = await deps.uow.run(siteId, (tx) => deps.commands.lockById(tx, commandId));
    if (command === null || command.status === null) throw error;
    return null;
  }
}

type Step<T> = { readonly outcome: CommandOutcome<T> } | { readonly commandId: string };
async function record<T>(deps: AdminDeps, tx: SiteTx, context: CommandContext, operation: CoreOperation<T>): Promise<Step<T>> {
  const prepared = await operation.prepare(tx);
  const recorded: Recorded = prepared.ok
    ? await recordCoreCommand(deps, tx, context, prepared.core)
    : await recordWorkflowCommand(deps, tx, context, { operation: operation.name, requestId: null, payload: {} });
  if (!recorded.ok) return { outcome: recorded };
  if (prepared.ok) return { commandId: recorded.commandId };
  const command = { id: recorded.commandId, operation: operation.name };
  if (recorded.stored === null) await keepOutcome(deps.commands, tx, context.principal, command, prepared, {});
  return { outcome: prepared };
}

export const preparedFor = (core: CoreCommand): Prepared => ({ ok: true, core });
