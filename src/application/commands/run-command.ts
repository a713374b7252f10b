import { randomUUID } from 'node:crypto';
import type { ApiRefusal } from '../../contracts/refusal-status.js';
import type { AuditActor, AuditSubject } from '../../domain/audit/entry.js';
import type { CommandContext, CommandOutcome, DeleteOutcome, Principal } from '../ports/api-commands.port.js';
import type { CommandStore, NewCommand, StoredCommand } from '../ports/command-store.port.js';
import type { SiteTx, UnitOfWork } from '../ports/unit-of-work.port.js';
import { refuse, statusOf, storedOutcome, type Reader } from './outcome.js';

export interface CommandDeps { readonly uow: UnitOfWork<SiteTx>; readonly commands: CommandStore }

type RefusedAction = 'command.refused' | 'connector.refused' | 'group.refused' | 'mapping.refused' | 'request.refused';
/** What a command is, apart from who asks: its operation (`tool.create`), the item of a bulk command, and what it is about, for the audit trail. */
export interface Operation<T> {
  readonly name: string;
  readonly item?: string;
  readonly subject?: AuditSubject;
  /** What a refused attempt is called in the audit trail; `command.refused` unless said. */
  readonly refusedAction?: RefusedAction;
  /** Reads a stored answer back; the contract of the answer. */
  readonly answer: Reader<T>;
}

/**
 * The one way in which a command of the API is applied (DESIGN, commands): in one transaction the command's row is claimed, a stored result is
 * returned, otherwise the work is done and its result stored. Another body under the same key is refused. A refusal is stored and audited too,
 * so `work` decides before it writes anything.
 * @throws DatabaseUnavailable and whatever the work throws; then nothing is stored and the caller may repeat with the same key.
 */
export async function runCommand<T>(deps: CommandDeps, context: CommandContext, operation: Operation<T>, work: (tx: SiteTx, commandId: string) => Promise<CommandOutcome<T>>): Promise<CommandOutcome<T>> {
  return deps.uow.run(context.principal.siteId, async (tx) => {
    const claimed = await claim(deps.commands, tx, context, { operation: operation.name, item: operation.item ?? '', requestId: null, payload: {} });
    if (!claimed.ok) return claimed;
    const before = storedOutcome(claimed.command, operation.answer);
    if (before !== null) return before;
    const outcome = await work(tx, claimed.command.id);
    await keepOutcome(deps.commands, tx, context.principal, claimed.command, outcome, operation.subject ?? {}, operation.refusedAction);
    return outcome;
  });
}

const NOTHING: Reader<null> = { parse: () => null };
/** {@link runCommand} for a deletion: 204 without a body. */
export async function runDelete(deps: CommandDeps, context: CommandContext, operation: Omit<Operation<null>, 'answer'>, work: (tx: SiteTx) => Promise<DeleteOutcome>): Promise<DeleteOutcome> {
  const outcome = await runCommand<null>(deps, context, { ...operation, answer: NOTHING }, async (tx) => {
    const deleted = await work(tx);
    return deleted.ok ? { ok: true, status: 200, body: null } : deleted;
  });
  return outcome.ok ? { ok: true, status: 204 } : outcome;
}

/** The stored answer of a key that was used before, without taking its lock: for commands that ask somebody else (Jira) before they start. */
export async function findStored<T>(deps: CommandDeps, context: CommandContext, operation: Pick<Operation<T>, 'answer' | 'item'>): Promise<CommandOutcome<T> | null> {
  const { idempotencyKey, principal, methodAndPath } = context;
  if (idempotencyKey === null) return null;
  const found = await deps.uow.run(principal.siteId, (tx) => deps.commands.find(tx, { actor: principal.accountId, methodPath: methodAndPath, idempotencyKey, item: operation.item ?? '' }));
  if (found === null) return null;
  return found.bodyHash === context.bodyHash ? storedOutcome(found, operation.answer) : keyReused();
}

export type Recorded = { readonly ok: true; readonly commandId: string; readonly stored: { readonly status: number; readonly body: unknown } | null } | { readonly ok: false; readonly refusal: ApiRefusal };

/**
 * Records a command that somebody else applies: a step of the request's workflow, or the end of a core call. `stored` is its result when it was
 * applied before. The command's id is all that the engine gets to see.
 */
export async function recordWorkflowCommand(
  deps: { readonly commands: Pick<CommandStore, 'claim'> }, tx: SiteTx, context: CommandContext,
  command: { readonly operation: string; readonly requestId: string | null; readonly payload: Readonly<Record<string, unknown>>; readonly sealed?: NewCommand['sealed']; readonly item?: string },
): Promise<Recorded> {
  const { sealed, item = '', ...rest } = command;
  const claimed = await claim(deps.commands, tx, context, { ...rest, item, ...(sealed === undefined ? {} : { sealed }) });
  if (!claimed.ok) return claimed;
  const { id, status, result } = claimed.command;
  return { ok: true, commandId: id, stored: status === null ? null : { status, body: result } };
}

/** Stores a command's answer and, for a refusal, the audit event that the attempt leaves (SPEC E1). */
export async function keepOutcome(commands: CommandStore, tx: SiteTx, principal: Pick<Principal, 'accountId' | 'kind'>, command: Pick<StoredCommand, 'id' | 'operation'>, outcome: CommandOutcome<unknown>, subject: AuditSubject, refusedAction: RefusedAction = 'command.refused'): Promise<void> {
  if (outcome.ok) return commands.storeResult(tx, command.id, outcome.status, outcome.body);
  const { code, detail } = outcome.refusal;
  await commands.storeResult(tx, command.id, statusOf(outcome.refusal), outcome.refusal);
  await tx.audit({ action: refusedAction, actor: actorOf(principal), subject: { ...subject, commandId: command.id }, data: { operation: command.operation, code, detail } });
}

/** The audit trail's name of who calls. */
export function actorOf({ kind, accountId }: Pick<Principal, 'accountId' | 'kind'>): AuditActor {
  switch (kind) {
    case 'person': return { kind: 'person', accountId };
    case 'service': return { kind: 'service', name: accountId };
    case 'forge': return { kind: 'service', name: 'forge-app' };
  }
}

type Claim = { readonly ok: true; readonly command: StoredCommand } | { readonly ok: false; readonly refusal: ApiRefusal };
async function claim(commands: Pick<CommandStore, 'claim'>, tx: SiteTx, context: CommandContext, what: Pick<NewCommand, 'operation' | 'item' | 'requestId' | 'payload' | 'sealed'>): Promise<Claim> {
  const { principal, methodAndPath, bodyHash } = context;
  const idempotencyKey = context.idempotencyKey ?? randomUUID();
  const command = await commands.claim(tx, { id: randomUUID(), actor: principal.accountId, methodPath: methodAndPath, idempotencyKey, bodyHash, ...what });
  return command.bodyHash === bodyHash && command.operation === what.operation ? { ok: true, command } : keyReused();
}
const keyReused = (): { readonly ok: false; readonly refusal: ApiRefusal } => refuse('idempotency.key_reused', 'This Idempotency-Key was used with another body; use a new key for a new command');
