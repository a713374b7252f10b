import { expiryWarning, isNewWarning } from '../../domain/connector/credential-expiry.js';
import type { ConnectorStore } from '../ports/connector-store.port.js';
import type { ReconciliationStore } from '../ports/reconciliation-store.port.js';
import type { SiteTx, UnitOfWork } from '../ports/unit-of-work.port.js';

export interface ExpiryDeps {
  readonly uow: UnitOfWork<SiteTx>;
  readonly connectors: ConnectorStore;
  readonly findings: Pick<ReconciliationStore, 'openFinding'>;
  readonly siteIds: () => Promise<readonly string[]>;
  readonly newId: () => string;
}

/** Tells admins and auditors of each credential that expires in thirty days, in seven, or has expired (SPEC F16). Returns how many warnings were given. */
export async function warnOfExpiry(deps: ExpiryDeps): Promise<number> {
  let given = 0;
  for (const siteId of await deps.siteIds()) given += await deps.uow.run(siteId, (tx) => warnSite(deps, tx));
  return given;
}

async function warnSite({ connectors, findings, newId }: ExpiryDeps, tx: SiteTx): Promise<number> {
  let given = 0;
  for (const { id, name, expiresAt, warnedDays } of await connectors.expiring(tx)) {
    const due = expiryWarning(expiresAt, tx.now);
    if (due === null || !isNewWarning(due, warnedDays)) continue;
    await connectors.markWarned(tx, id, due);
    const evidence = { connectorId: id, connector: name, expiresAt: expiresAt.toISOString(), daysBefore: due };
    const { id: findingId } = await findings.openFinding(tx, {
      id: `fnd_${newId()}`, kind: 'credentialExpiring', subjectKey: `${id}/${expiresAt.toISOString()}/${due}`, response: 'report', toolKey: null, connectorId: id,
      externalGroupId: null, identityHash: null, accountId: null, loginHint: null, recordId: null, evidence,
    });
    await tx.audit({ action: 'connector.expiry_warned', actor: { kind: 'system', name: 'credential-expiry' }, subject: { connectorId: id, findingId }, data: evidence });
    given += 1;
  }
  return given;
}
