import type { AuditActor } from '../../domain/audit/entry.js';
import type { Waiver } from '../../domain/reconciliation/breaker.js';
import type { ReconciliationStore, RunTrigger } from '../ports/reconciliation-store.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';

export interface StartRunDeps { readonly runs: ReconciliationStore; readonly newId: () => string }
export interface WaivedGroup { readonly externalGroupId: string; readonly waiver: Waiver }
export interface RunWanted {
  readonly connectorId: string;
  /** Null: every group of the connector. */
  readonly toolKey: string | null;
  readonly trigger: RunTrigger;
  readonly actor: AuditActor;
  /** Groups that are compared again because an admin has looked, with what they were shown: the breaker lets that pass and no more. */
  readonly waived?: readonly WaivedGroup[];
  /** None: the run is only there to carry out what a finding asks for. */
  readonly withoutGroups?: boolean;
}
export interface StartedRun { readonly id: string; readonly isNew: boolean }

/**
 * The connector's run: the one under way, which takes up groups that it does not have yet, or a new one. Whoever calls it wakes the workflow after the commit.
 */
export async function startRun(deps: StartRunDeps, tx: SiteTx, wanted: RunWanted): Promise<StartedRun> {
  const run = await joinOrOpen(deps, tx, wanted);
  const added = await deps.runs.addGroups(tx, run.id, await groupsOf(deps, tx, wanted));
  // The breaker judges the listings together: a run that gets more groups is judged anew.
  if (!run.isNew && added > 0) await deps.runs.updateRun(tx, run.id, { judged: false });
  return run;
}

async function joinOrOpen({ runs, newId }: StartRunDeps, tx: SiteTx, { connectorId, toolKey, trigger, actor }: RunWanted): Promise<StartedRun> {
  const running = await runs.lockRunning(tx, connectorId);
  if (running !== null) return { id: running.id, isNew: false };
  const id = `rec_${newId()}`;
  if (await runs.insertRun(tx, { id, connectorId, trigger, askedBy: actor.accountId ?? actor.name ?? null })) {
    await tx.audit({ action: 'reconciliation.started', actor, subject: { connectorId, ...(toolKey === null ? {} : { toolKey }) }, data: { recordId: id, trigger } });
    return { id, isNew: true };
  }
  const other = await runs.lockRunning(tx, connectorId);
  if (other === null) throw new Error(`the run of connector ${connectorId} ended while it was joined`);
  return { id: other.id, isNew: false };
}

interface WantedGroup { readonly externalGroupId: string; readonly isBaseline: boolean; readonly waiver: Waiver | null }
/** An admin's word counts also for a group that no tool has any more. */
async function groupsOf({ runs }: StartRunDeps, tx: SiteTx, { connectorId, toolKey, waived = [], withoutGroups = false }: RunWanted): Promise<readonly WantedGroup[]> {
  const managed = withoutGroups ? [] : await runs.managedGroups(tx, connectorId, toolKey);
  const others = waived.filter((group) => !managed.some(({ externalGroupId }) => externalGroupId === group.externalGroupId));
  return [...managed.map((group) => ({ ...group, waiver: waived.find(({ externalGroupId }) => externalGroupId === group.externalGroupId)?.waiver ?? null })), ...others.map((group) => ({ ...group, isBaseline: false }))];
}
