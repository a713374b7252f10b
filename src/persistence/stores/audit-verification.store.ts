import type { AuditVerification } from '../../application/ports/api-views.js';
import type { AuditVerifier, VerificationStore } from '../../application/ports/audit-verifier.port.js';
import { chainReader, type ChainReader } from '../../audit/chain-reader.js';
import type { MacKeyRing } from '../../audit/hashing.js';
import { verifyChain } from '../../audit/verify.js';
import type { PgSiteTx, PgUnitOfWork } from '../unit-of-work.js';

/** Verifies a site's chain page by page, each page in a short transaction of its own: a long chain holds no snapshot back. */
export function createAuditVerifier(uow: PgUnitOfWork, ring: MacKeyRing): AuditVerifier {
  const readerOf = (siteId: string): ChainReader => ({
    readEnds: (site) => uow.run(siteId, (tx) => chainReader(tx).readEnds(site)),
    readPage: (site, page) => uow.run(siteId, (tx) => chainReader(tx).readPage(site, page)),
  });
  return {
    verify: async (siteId) => {
      const startedAt = new Date().toISOString();
      const { ok, entries, head, firstBad, verifiedAt } = await verifyChain(readerOf(siteId), ring, siteId);
      return {
        ok, startedAt, finishedAt: verifiedAt, entriesChecked: entries, firstSeq: entries === 0 ? null : 1, lastSeq: head?.seq ?? null, chainHead: head?.hash ?? null,
        firstBad: firstBad === undefined ? null : { seq: firstBad.seq, reason: firstBad.reason },
      };
    },
  };
}

export class PgVerificationStore implements VerificationStore {
  async insert(tx: PgSiteTx, v: AuditVerification): Promise<void> {
    await tx.query(
      `INSERT INTO audit_verification (id, site_id, started_at, finished_at, ok, entries, head_seq, head_hash, first_bad_seq, reason, requested_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [v.id, tx.siteId, v.startedAt, v.finishedAt, v.ok, v.entriesChecked, v.lastSeq, v.chainHead, v.firstBad?.seq ?? null, v.firstBad?.reason ?? null, v.requestedBy],
    );
  }
}
