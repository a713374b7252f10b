import { readSetting } from '../../contracts/setting-documents.js';
import type { SettingStore } from '../ports/governance-store.port.js';
import type { LeaverStore } from '../ports/leaver-store.port.js';
import type { ReconciliationStore } from '../ports/reconciliation-store.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';

/** Somebody who is mapped and whom the provider says is deactivated. Seen once for each group that lists them, so whoever takes it up expects repeats. */
export interface DeactivatedIdentity {
  readonly connectorId: string; readonly externalIdentityId: string; readonly identityHash: string; readonly loginHint: string | null; readonly accountIds: readonly string[];
  readonly recordId: string;
}

interface Deps { readonly runs: ReconciliationStore; readonly leavers: LeaverStore; readonly settings: SettingStore; readonly newId: () => string }

/**
 * A hint that the person has left: the listing says so of a page read a while ago, a read of this one person decides (SPEC G6). Where the site switched leavers off
 * nobody would act on it, and an admin is told by a finding instead; never both, or one person would be two cases.
 */
export async function takeUpDeactivated(deps: Deps, tx: SiteTx, who: DeactivatedIdentity): Promise<void> {
  const { enabled } = readSetting('leaver', await deps.settings.find(tx, 'leaver'));
  if (!enabled) return report(deps, tx, who);
  await deps.leavers.hint(tx, { id: `lvh_${deps.newId()}`, cause: 'reconciliation', connectorId: null, sealedIdentity: null, externalIdentityId: who.externalIdentityId, accountId: null, eventKey: `reconciliation/${who.recordId}/${who.externalIdentityId}` });
}

/** Stays open until an admin resolves it: no group's listing can say that it is over. */
async function report(deps: Deps, tx: SiteTx, who: DeactivatedIdentity): Promise<void> {
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
