import type { KillSwitchItemView, KillSwitchView } from '../../contracts/kill-switch.contract.js';
import { massActionWorkflowId } from '../ports/mass-action-engine.port.js';
import type { MassActionItemRow, MassActionRow, MassActionStore } from '../ports/mass-action-store.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';

const instant = (at: Date | null): string | null => at?.toISOString() ?? null;

/** A mass action as the API shows it, with its counts as they are in this transaction. */
export async function toKillSwitchView(store: MassActionStore, tx: SiteTx, row: MassActionRow): Promise<KillSwitchView> {
  const { id, source, scope, key, reason, mode, status, restoreStatus, requestedBy, confirmedBy, restoredBy } = row;
  return {
    id, source, scope, key, reason, mode, status, restoreStatus, requestedBy, confirmedBy, restoredBy, counts: await store.counts(tx, id),
    createdAt: row.createdAt.toISOString(), finishedAt: instant(row.finishedAt), restoredAt: instant(row.restoredAt), workflowId: mode === 'execute' ? massActionWorkflowId(tx.siteId, id, source) : null,
  };
}

export const toItemView = ({ stoppedAt, endedAt, restoredAt, ...item }: MassActionItemRow): KillSwitchItemView => ({
  requestId: item.requestId, grantId: item.grantId, kind: item.kind, accountId: item.accountId, toolKey: item.toolKey, remainingMs: item.remainingMs, outcome: item.outcome, stoppedAt: instant(stoppedAt),
  grantStatus: item.grantStatus, endEvidence: item.endEvidence, endedAt: instant(endedAt), restoreOutcome: item.restoreOutcome, restoredAt: instant(restoredAt),
});
