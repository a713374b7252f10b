import type { RefusalAuditor } from '../../application/ports/api-commands.port.js';
import type { PgUnitOfWork } from '../unit-of-work.js';

/** Refused attempts are events of the caller's site (SPEC E1). One that proves no site belongs to no chain and is only logged by the edge. */
export const createRefusalAuditor = (uow: PgUnitOfWork): RefusalAuditor => ({
  async record({ action, principal, code, reason, route, correlationId, suppressed }) {
    if (principal === null) return;
    await uow.run(principal.siteId, (tx) => tx.audit({
      action, actor: principal.kind === 'person' ? { kind: 'person', accountId: principal.accountId } : { kind: 'service', name: principal.accountId }, subject: {}, data: { code, reason, route, correlationId, suppressed },
    }));
  },
});
