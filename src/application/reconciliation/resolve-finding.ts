import type { ApiRefusal } from '../../contracts/refusal-status.js';
import type { ResolveFindingBody } from '../../contracts/reconciliation.contract.js';
import { waiverOf } from '../../domain/reconciliation/breaker.js';
import type { Effect } from '../../domain/reconciliation/finding.js';
import { refuse } from '../commands/outcome.js';
import { actorOf } from '../commands/run-command.js';
import type { CommandContext } from '../ports/api-commands.port.js';
import type { FindingRow, RunRow } from '../ports/reconciliation-store.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import { startRun, type StartRunDeps } from './start-run.js';

type Resolved = { readonly ok: true } | { readonly ok: false; readonly refusal: ApiRefusal };
const OK: Resolved = { ok: true };

/** An admin's word on a finding (API.md): accept what it says, have it put right, or put it aside. */
export async function resolveFinding(deps: StartRunDeps, tx: SiteTx, context: CommandContext, { id, action, note }: ResolveFindingBody & { readonly id: string }): Promise<Resolved> {
  const seen = await deps.runs.findFinding(tx, id);
  if (seen === null) return refuse('finding.not_found', 'There is no such finding');
  // The run comes before its findings, as in its own steps; a finding never changes its connector.
  const run = seen.connectorId === null ? null : await deps.runs.lockRunning(tx, seen.connectorId);
  const finding = await deps.runs.lockFinding(tx, id);
  if (finding === null) return refuse('finding.not_found', 'There is no such finding');
  if (finding.state !== 'open') return refuse('finding.already_resolved', `This finding is ${finding.state} already`);
  if (action === 'repair') return repair(deps, tx, context, finding, note ?? null);
  if (await isBeingRemoved(deps, tx, run, id)) return refuse('finding.being_repaired', 'The person is being removed at this moment: see what comes of it, and decide then');
  switch (action) {
    case 'accept': return accept(deps, tx, context, finding, note ?? null);
    case 'dismiss': {
      await deps.runs.closeFinding(tx, id, { state: 'dismissed', resolvedBy: context.principal.accountId, note: note ?? null, gone: false });
      await audit(tx, context, 'finding.dismissed', finding);
      return OK;
    }
  }
}

/** An order of this run to remove them is on its way to the provider, and nothing calls it back. */
async function isBeingRemoved({ runs }: StartRunDeps, tx: SiteTx, run: RunRow | null, findingId: string): Promise<boolean> {
  if (run?.doing?.kind !== 'remove') return false;
  return (await runs.findDifference(tx, run.doing.differenceId))?.findingId === findingId;
}

/** Members that are accepted have baseline access from now on (SPEC K4). Access that has ended can't be accepted: that is what a request is for. */
async function accept({ runs, newId }: StartRunDeps, tx: SiteTx, context: CommandContext, finding: FindingRow, note: string | null): Promise<Resolved> {
  const { kind, connectorId, externalGroupId, identityHash } = finding;
  if (kind === 'expiredPresent' || kind === 'lateLanding') return refuse('finding.not_acceptable', 'Access that has ended is removed; make a request for it', 'action');
  const by = context.principal.accountId;
  if ((kind === 'outOfBandAdd' || kind === 'unknownMember') && connectorId !== null && externalGroupId !== null && identityHash !== null) {
    await runs.acceptBaseline(tx, { connectorId, externalGroupId, identityHash, label: finding.loginHint ?? identityHash, by, id: `bas_${newId()}` });
    await tx.audit({ action: 'baseline.accepted', actor: actorOf(context.principal), subject: { connectorId, groupId: externalGroupId, findingId: finding.id }, data: { members: 1, identityHash } });
  }
  if (kind === 'groupAppsChanged' && connectorId !== null && externalGroupId !== null) await runs.acceptApps(tx, connectorId, externalGroupId);
  await runs.closeFinding(tx, finding.id, { state: 'accepted', resolvedBy: by, note, gone: false });
  await audit(tx, context, 'finding.accepted', finding);
  return OK;
}

const EFFECTS: Partial<Record<FindingRow['kind'], Effect>> = { outOfBandAdd: 'revert', unknownMember: 'revert', expiredPresent: 'removeEnded', lateLanding: 'removeEnded' };

/** The connector's run carries it out: removals by converge or by command, a held group by another comparison, which the breaker lets pass as far as the finding told. */
async function repair(deps: StartRunDeps, tx: SiteTx, context: CommandContext, finding: FindingRow, note: string | null): Promise<Resolved> {
  const { kind, connectorId, externalGroupId, identityHash } = finding;
  const actor = actorOf(context.principal);
  const effect = EFFECTS[kind];
  const isGroup = kind === 'massChange' || kind === 'groupDeleted';
  const waiver = isGroup ? waiverOf(finding.evidence) : null;
  if (connectorId === null || externalGroupId === null || (effect === undefined && waiver === null)) return refuse('finding.not_repairable', 'There is nothing that the product could put right here; accept or dismiss it', 'action');
  if (waiver !== null) await startRun(deps, tx, { connectorId, toolKey: null, trigger: 'finding', actor, waived: [{ externalGroupId, waiver }], withoutGroups: true });
  else if (identityHash !== null && effect !== undefined) {
    const { id: runId } = await startRun(deps, tx, { connectorId, toolKey: null, trigger: 'finding', actor, withoutGroups: true });
    await deps.runs.requestRepair(tx, runId, { id: `dif_${deps.newId()}`, externalGroupId, identityHash, kind, effect, findingId: finding.id, state: effect === 'revert' ? 'toRevert' : 'toDeliver' });
  }
  await deps.runs.updateFinding(tx, finding.id, { resolvedBy: context.principal.accountId, note });
  await audit(tx, context, 'finding.repair_requested', finding);
  return OK;
}

async function audit(tx: SiteTx, context: CommandContext, action: 'finding.accepted' | 'finding.dismissed' | 'finding.repair_requested', finding: FindingRow): Promise<void> {
  const { id, connectorId, toolKey, accountId } = finding;
  await tx.audit({
    action, actor: actorOf(context.principal), data: { kind: finding.kind },
    subject: { findingId: id, ...(connectorId === null ? {} : { connectorId }), ...(toolKey === null ? {} : { toolKey }), ...(accountId === null ? {} : { accountId }) },
  });
}
