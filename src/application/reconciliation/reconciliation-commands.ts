import { acceptBaselineAnswer, findingView, reconciliationView, type FindingView, type ReconciliationView, type StartReconciliationBody } from '../../contracts/reconciliation.contract.js';
import { done, refuse } from '../commands/outcome.js';
import { actorOf, runCommand } from '../commands/run-command.js';
import type { CatalogCommands, CommandContext, CommandOutcome } from '../ports/api-commands.port.js';
import type { CommandStore } from '../ports/command-store.port.js';
import type { ReconciliationEngine } from '../ports/reconciliation-engine.port.js';
import type { ReconciliationStore } from '../ports/reconciliation-store.port.js';
import type { ReconciliationCommands, ReconciliationViews } from '../ports/reconciliation.port.js';
import type { ToolStore } from '../ports/tool-store.port.js';
import type { SiteTx, UnitOfWork } from '../ports/unit-of-work.port.js';
import { resolveFinding } from './resolve-finding.js';
import { startRun } from './start-run.js';

export interface ReconciliationCommandDeps {
  readonly uow: UnitOfWork<SiteTx>;
  readonly commands: CommandStore;
  readonly runs: ReconciliationStore;
  readonly views: ReconciliationViews<SiteTx>;
  readonly tools: ToolStore;
  readonly engine: ReconciliationEngine;
  readonly newId: () => string;
  readonly log: (message: string, detail: Readonly<Record<string, string>>) => void;
}

/** The admin's commands on reconciliations, findings and baseline access (SPEC D1–D4, K4). */
export function createReconciliationCommands(deps: ReconciliationCommandDeps): ReconciliationCommands {
  return {
    start: async (context, body) => {
      const outcome = await start(deps, context, body);
      if (outcome.ok) await wake(deps, context.principal.siteId, outcome.body.connectorId);
      return outcome;
    },
    resolveFinding: async (context, input) => {
      const outcome: CommandOutcome<FindingView> = await runCommand(deps, context, { name: 'finding.resolve', subject: { findingId: input.id }, answer: findingView }, async (tx) => {
        const resolved = await resolveFinding(deps, tx, context, input);
        if (!resolved.ok) return resolved;
        return done(200, present(await deps.views.finding(tx, input.id), 'finding'));
      });
      if (outcome.ok && input.action === 'repair' && outcome.body.connectorId !== null) await wake(deps, context.principal.siteId, outcome.body.connectorId);
      return outcome;
    },
    acceptBaseline: (context, { toolKey, ids }) => runCommand(deps, context, { name: 'baseline.accept', subject: { toolKey }, answer: acceptBaselineAnswer }, async (tx) => {
      if ((await deps.tools.findView(tx, toolKey)) === null) return refuse('tool.not_found', 'There is no tool with this key');
      const accepted = await deps.runs.acceptProposals(tx, { toolKey, ids: ids ?? null, by: context.principal.accountId });
      await tx.audit({ action: 'baseline.accepted', actor: actorOf(context.principal), subject: { toolKey }, data: { members: accepted } });
      return done(200, { accepted });
    }),
  };
}

function start(deps: ReconciliationCommandDeps, context: CommandContext, body: StartReconciliationBody): Promise<CommandOutcome<ReconciliationView>> {
  return runCommand(deps, context, { name: 'reconciliation.start', answer: reconciliationView }, async (tx) => {
    const connectorId = await connectorOf(deps, tx, body);
    if (typeof connectorId !== 'string') return connectorId;
    const { id } = await startRun(deps, tx, { connectorId, toolKey: body.toolKey ?? null, trigger: 'admin', actor: actorOf(context.principal) });
    return done(202, present(await deps.views.run(tx, id), 'reconciliation'));
  });
}

async function connectorOf({ runs, tools }: ReconciliationCommandDeps, tx: SiteTx, { connectorId, toolKey }: StartReconciliationBody): Promise<string | ReturnType<typeof refuse>> {
  if (toolKey !== undefined) {
    const tool = await tools.lock(tx, toolKey);
    if (tool === null) return refuse('tool.not_found', 'There is no tool with this key', 'toolKey');
    // Its own group, or those of its roles: all are at the tool's connector.
    const at = tool.group?.connectorId ?? tool.connectorId;
    if (at !== null && (await runs.managedGroups(tx, at, toolKey)).length > 0) return at;
    return refuse('reconciliation.nothing_to_compare', 'This tool has no group at a provider', 'toolKey');
  }
  if (connectorId !== undefined) return (await runs.connector(tx, connectorId)) === null ? refuse('connector.not_found', 'There is no connector with this id', 'connectorId') : connectorId;
  const [only, second] = await runs.enabledConnectors(tx);
  return only === undefined || second !== undefined ? refuse('reconciliation.nothing_to_compare', 'Name a connector or a tool: this site has not exactly one enabled connector', 'connectorId') : only;
}

/** It is recorded: an engine that is away makes it late, not lost. The poller wakes runs that have no workflow. */
async function wake(deps: Pick<ReconciliationCommandDeps, 'engine' | 'log'>, siteId: string, connectorId: string): Promise<void> {
  try {
    await deps.engine.wake(siteId, connectorId);
  } catch (error) {
    deps.log('a recorded reconciliation is not started yet', { connectorId, why: error instanceof Error ? error.message : 'unknown' });
  }
}

/** After a group was bound: who is in it is recorded as proposals of baseline access (SPEC K4). A hint: a run within the hour does it too. */
export const withBaseline = (catalog: CatalogCommands, deps: ReconciliationCommandDeps): CatalogCommands => ({
  ...catalog,
  setEntitlementGroup: async (context, input) => {
    const outcome = await catalog.setEntitlementGroup(context, input);
    if (outcome.ok && input.group.mode === 'bind') await recordBaseline(deps, context, input.of.toolKey);
    return outcome;
  },
});
async function recordBaseline(deps: ReconciliationCommandDeps, context: CommandContext, toolKey: string): Promise<void> {
  const { siteId } = context.principal;
  try {
    const connectorId = await deps.uow.run(siteId, async (tx) => {
      const found = await connectorOf(deps, tx, { toolKey });
      if (typeof found !== 'string') return null;
      await startRun(deps, tx, { connectorId: found, toolKey, trigger: 'bind', actor: actorOf(context.principal) });
      return found;
    });
    if (connectorId !== null) await wake(deps, siteId, connectorId);
  } catch (error) {
    deps.log('the members of a bound group are not recorded yet', { toolKey, why: error instanceof Error ? error.message : 'unknown' });
  }
}

function present<T>(view: T | null, what: string): T {
  if (view === null) throw new Error(`a ${what} is not there after it was written`);
  return view;
}
