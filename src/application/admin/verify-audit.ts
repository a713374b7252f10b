import { auditVerification, type AuditVerification } from '../../contracts/audit.contract.js';
import { done } from '../commands/outcome.js';
import { actorOf, findStored, runCommand } from '../commands/run-command.js';
import type { CommandContext, CommandOutcome } from '../ports/api-commands.port.js';
import type { AdminDeps } from './admin-deps.js';

/** Reads the site's whole chain again, keeps the result and says so in the chain (SPEC E5). The reading is outside the transaction: it takes long. */
export async function verifyAudit(deps: AdminDeps, context: CommandContext): Promise<CommandOutcome<AuditVerification>> {
  const before = await findStored(deps, context, { answer: auditVerification });
  if (before !== null) return before;
  const { principal } = context;
  const found = await deps.verifier.verify(principal.siteId);
  return runCommand(deps, context, { name: 'audit.verify', answer: auditVerification }, async (tx) => {
    const verification: AuditVerification = { id: deps.newId(), status: found.ok === true ? 'ok' : 'broken', requestedBy: principal.accountId, ...found };
    await deps.verifications.insert(tx, verification);
    await tx.audit({
      action: 'audit.verified', actor: actorOf(principal), subject: { verificationId: verification.id },
      data: { ok: found.ok, entries: found.entriesChecked, lastSeq: found.lastSeq, firstBadSeq: found.firstBad?.seq ?? null },
    });
    return done(200, verification);
  });
}
