import type { AuditActor } from '../../domain/audit/entry.js';
import type { ConnectorStore } from '../ports/connector-store.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';

/** What was said of a credential that is no more is over (SPEC F16). */
export async function endExpiryWarnings(connectors: ConnectorStore, tx: SiteTx, connectorId: string, actor: AuditActor): Promise<void> {
  for (const findingId of await connectors.closeExpiryFindings(tx, connectorId, actor.accountId ?? actor.name ?? actor.kind)) {
    await tx.audit({ action: 'finding.repaired', actor, subject: { connectorId, findingId }, data: { kind: 'credentialExpiring' } });
  }
}
