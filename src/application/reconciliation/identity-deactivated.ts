import type { ReconciliationStore } from '../ports/reconciliation-store.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';

/** Somebody who is mapped and whom the provider says is deactivated. Seen once for each group that lists them, so whoever takes it up expects repeats. */
export interface DeactivatedIdentity {
  readonly connectorId: string; readonly externalIdentityId: string; readonly identityHash: string; readonly loginHint: string | null; readonly accountIds: readonly string[];
  readonly recordId: string;
}

/** What is said where nobody takes leavers up: a finding that an admin has to look at. */
export async function reportDeactivated(deps: { readonly runs: ReconciliationStore; readonly newId: () => string }, tx: SiteTx, who: DeactivatedIdentity): Promise<void> {
  const { id, isNew } = await deps.runs.openFinding(tx, {
    id: `fnd_${deps.newId()}`, kind: 'identityDeactivated', subjectKey: `${who.connectorId}/${who.identityHash}`, response: 'quarantine', toolKey: null, connectorId: who.connectorId, externalGroupId: null,
    identityHash: who.identityHash, accountId: who.accountIds[0] ?? null, loginHint: who.loginHint, recordId: who.recordId, evidence: { accountIds: who.accountIds },
  });
  if (!isNew) return;
  await tx.audit({
    action: 'finding.opened', actor: { kind: 'system', name: 'reconciliation' }, subject: { findingId: id, connectorId: who.connectorId, ...(who.accountIds[0] === undefined ? {} : { accountId: who.accountIds[0] }) },
    data: { kind: 'identityDeactivated', identityHash: who.identityHash },
  });
}
