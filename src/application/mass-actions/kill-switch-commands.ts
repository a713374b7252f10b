import { killSwitchView, type CreateKillSwitchBody, type KillSwitchView } from '../../contracts/kill-switch.contract.js';
import { done, refuse } from '../commands/outcome.js';
import { actorOf, runCommand } from '../commands/run-command.js';
import type { CommandContext, CommandOutcome } from '../ports/api-commands.port.js';
import type { CommandStore } from '../ports/command-store.port.js';
import type { KillSwitchCommands } from '../ports/kill-switch.port.js';
import type { MassActionEngine } from '../ports/mass-action-engine.port.js';
import type { MassActionRow, MassActionStore } from '../ports/mass-action-store.port.js';
import type { SiteTx, UnitOfWork } from '../ports/unit-of-work.port.js';
import { toKillSwitchView } from './kill-switch-view.js';
import { auditNames, massSubject } from './mass-action-audit.js';
import { blockOf, openMassAction } from './open-mass-action.js';

export interface KillSwitchDeps {
  readonly uow: UnitOfWork<SiteTx>;
  readonly commands: CommandStore;
  readonly massActions: MassActionStore;
  readonly engine: MassActionEngine;
  readonly log: (message: string, detail: Readonly<Record<string, string>>) => void;
}

/** The admin's commands on kill switches and leavers' cases (SPEC G6, G8). */
export function createKillSwitchCommands(deps: KillSwitchDeps): KillSwitchCommands {
  return {
    create: (context, body) => running(deps, context, create(deps, context, body)),
    restore: async (context, { id }) => {
      const resumed: MassActionRow[] = [];
      const outcome = await running(deps, context, restore(deps, context, id, resumed));
      for (const row of resumed) await startOrLater(deps, context.principal.siteId, row);
      return outcome;
    },
    confirm: (context, { id }) => running(deps, context, confirm(deps, context, id)),
  };
}

/** It is recorded: an engine that is away makes it late, not lost. The poller starts what is not started. */
async function running(deps: KillSwitchDeps, context: CommandContext, command: Promise<CommandOutcome<KillSwitchView>>): Promise<CommandOutcome<KillSwitchView>> {
  const outcome = await command;
  if (outcome.ok && (outcome.body.status === 'running' || outcome.body.restoreStatus === 'running')) await startOrLater(deps, context.principal.siteId, outcome.body);
  return outcome;
}
async function startOrLater(deps: KillSwitchDeps, siteId: string, { id, source }: Pick<MassActionRow, 'id' | 'source'>): Promise<void> {
  try {
    await deps.engine.run(siteId, id, source);
  } catch (error) {
    deps.log('a recorded mass action is not started yet', { massActionId: id, why: error instanceof Error ? error.message : 'unknown' });
  }
}

const missing = refuse('kill_switch.not_found', 'There is no such kill switch');

function create(deps: KillSwitchDeps, context: CommandContext, { scope, key, reason, mode }: CreateKillSwitchBody): Promise<CommandOutcome<KillSwitchView>> {
  const { principal } = context;
  return runCommand(deps, context, { name: 'kill_switch.create', answer: killSwitchView }, async (tx) => {
    const target = { source: 'killSwitch', scope, key } as const;
    if (!(await deps.massActions.targetExists(tx, target))) return refuse('kill_switch.unknown_target', `There is no ${scope} with this key`, 'key');
    const row = await openMassAction(deps.massActions, tx, { ...target, reason, mode, requestedBy: principal.accountId, actor: actorOf(principal) });
    if (row === null) return refuse('kill_switch.in_force', `This ${scope} is stopped by a kill switch already; restore that one first`, 'key');
    return done(201, await toKillSwitchView(deps.massActions, tx, row));
  });
}

/**
 * Ends the block at once; survivors get their remaining time one by one. What was not stopped yet stays as it is. Restores of others that only waited for this block
 * go on; they are put into `resumed`.
 */
function restore(deps: KillSwitchDeps, context: CommandContext, id: string, resumed: MassActionRow[]): Promise<CommandOutcome<KillSwitchView>> {
  return runCommand(deps, context, { name: 'kill_switch.restore', subject: { massActionId: id }, answer: killSwitchView }, async (tx) => {
    await deps.massActions.closeGate(tx); // two restores lock each other's rows: one after the other
    const row = await deps.massActions.lock(tx, id);
    if (row === null) return missing;
    if (row.mode === 'dryRun') return refuse('kill_switch.not_executed', 'A dry run has nothing to restore');
    if (row.restoreStatus !== 'none') return refuse('kill_switch.restored_already', 'This kill switch was restored already');
    await deps.massActions.endBlock(tx, id);
    const spared = row.status === 'running' || row.status === 'stopped' ? await deps.massActions.spareRest(tx, id) : 0;
    const patch = { restoreStatus: 'running', restoredBy: context.principal.accountId, restoredAt: tx.now, status: row.status === 'done' ? 'done' : 'stopped', finishedAt: row.finishedAt ?? tx.now } as const;
    await deps.massActions.update(tx, id, patch);
    await tx.audit({ action: auditNames(row.source).restoreStarted, actor: actorOf(context.principal), subject: massSubject(row), data: { spared } });
    for (const waiting of await deps.massActions.resumeRestores(tx)) {
      resumed.push(waiting);
      await tx.audit({ action: auditNames(waiting.source).restoreStarted, actor: actorOf(context.principal), subject: massSubject(waiting), data: { blockEndedBy: id } });
    }
    return done(200, await toKillSwitchView(deps.massActions, tx, { ...row, ...patch }));
  });
}

/** An admin says that a leaver whom the mass-loss breaker held has left indeed. */
function confirm(deps: KillSwitchDeps, context: CommandContext, id: string): Promise<CommandOutcome<KillSwitchView>> {
  return runCommand(deps, context, { name: 'kill_switch.confirm', subject: { massActionId: id }, answer: killSwitchView }, async (tx) => {
    await deps.massActions.closeGate(tx);
    const row = await deps.massActions.lock(tx, id);
    if (row === null) return missing;
    if (row.status !== 'stopped' || row.restoreStatus !== 'none') return refuse('kill_switch.nothing_to_confirm', 'Only a case that the mass-loss breaker holds is confirmed');
    return done(200, await toKillSwitchView(deps.massActions, tx, await start(deps, tx, context, row)));
  });
}
async function start(deps: KillSwitchDeps, tx: SiteTx, { principal }: CommandContext, row: MassActionRow): Promise<MassActionRow> {
  const patch = { status: 'running', confirmedBy: principal.accountId, finishedAt: null } as const;
  await deps.massActions.insertBlock(tx, blockOf(row, tx));
  await deps.massActions.listItems(tx, row);
  await deps.massActions.update(tx, row.id, patch);
  await tx.audit({ action: 'leaver.confirmed', actor: actorOf(principal), subject: massSubject(row), data: {} });
  return { ...row, ...patch };
}
