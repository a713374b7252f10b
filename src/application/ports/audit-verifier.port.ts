import type { AuditVerification } from '../../contracts/audit.contract.js';
import type { SiteTx } from './unit-of-work.port.js';

/** Reads a site's whole chain again (SPEC E5); takes as long as the chain is long and holds no lock. */
export interface AuditVerifier {
  verify(siteId: string): Promise<Pick<AuditVerification, 'ok' | 'startedAt' | 'finishedAt' | 'entriesChecked' | 'firstSeq' | 'lastSeq' | 'chainHead' | 'firstBad'>>;
}
export interface VerificationStore {
  insert(tx: SiteTx, verification: AuditVerification): Promise<void>;
}
