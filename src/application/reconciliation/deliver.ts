import { runAccessCommand, type AccessCommandDeps } from '../access/api/run-access-command.js';
import type { CommandPayload } from '../access/commands/command-types.js';
import { EngineUnavailable, type CommandContext } from '../ports/api-commands.port.js';
import type { DifferenceRow, RecordedMember, ReconciliationStore } from '../ports/reconciliation-store.port.js';
import { DatabaseUnavailable } from '../ports/unit-of-work.port.js';

export interface DeliverDeps extends AccessCommandDeps { readonly runs: ReconciliationStore }
const BATCH = 20;
const WIDTH = 4;
/** A command that found no engine this often is left to the next run, which finds the difference again. */
const PATIENCE = 3;

type Target = { readonly requestId: string; readonly grantId: string };
interface Work { readonly difference: DifferenceRow; readonly targets: readonly Target[] }

/**
 * Issues the commands that confirmed differences ask for (DESIGN: reconciliation never writes a grant's state). Each is recorded under the finding and the grant as
 * its key, so a repeat finds the stored result. An admin's word on the finding calls none of them back: a removal made outside is a revocation (SPEC D2), and whose
 * access has ended is always removed (D1). What does, a new grant or accepted baseline access, the command sees under the request's lock. @throws DatabaseUnavailable
 */
export async function deliverCommands(deps: DeliverDeps, siteId: string, connectorId: string, signal?: AbortSignal): Promise<number> {
  let delivered = 0;
  while (signal?.aborted !== true) {
    const work = await deps.uow.run(siteId, async (tx): Promise<readonly Work[]> => {
      const run = await deps.runs.lockRunning(tx, connectorId);
      if (run === null) return [];
      const differences = await deps.runs.nextDifferences(tx, run.id, 'toDeliver', BATCH);
      const [first] = differences;
      if (first === undefined) return [];
      const members = await deps.runs.recordedMembers(tx, { connectorId, externalGroupId: first.externalGroupId, hashes: differences.map(({ identityHash }) => identityHash), since: run.steppedAt, onlySuspicious: false });
      return differences.map((difference) => ({ difference, targets: targetsOf(difference, members.find(({ identityHash }) => identityHash === difference.identityHash)) }));
    });
    if (work.length === 0) return delivered;
    const queue = [...work];
    await Promise.all(Array.from({ length: WIDTH }, async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) delivered += await deliverOne(deps, siteId, connectorId, next);
    }));
  }
  return delivered;
}

const targetsOf = ({ effect }: DifferenceRow, member: RecordedMember | undefined): readonly Target[] => {
  if (member === undefined) return [];
  if (effect === 'revokeGrants') return member.activeRequests;
  return member.endedRequest === null ? [] : [member.endedRequest];
};

async function deliverOne(deps: DeliverDeps, siteId: string, connectorId: string, { difference, targets }: Work): Promise<number> {
  try {
    const codes = await Promise.all(targets.map((target) => issue(deps, siteId, difference, target)));
    const refused = codes.filter((code) => code !== null);
    const detail = refused.length === 0 ? {} : { detail: refused.join(', ') };
    await mark(deps, siteId, connectorId, difference, { state: refused.length === codes.length ? 'vanished' : 'delivered', ...detail });
    return codes.length - refused.length;
  } catch (error) {
    if (!(error instanceof EngineUnavailable || error instanceof DatabaseUnavailable)) throw error;
    const attempts = difference.attempts + 1;
    await mark(deps, siteId, connectorId, difference, { attempts, ...(attempts >= PATIENCE ? { state: 'failed', detail: 'engine.unavailable' } : {}) });
    return 0;
  }
}

/** The refusal's code, or null when the command was applied. */
async function issue(deps: DeliverDeps, siteId: string, { effect, findingId }: DifferenceRow, { requestId, grantId }: Target): Promise<string | null> {
  if (findingId === null) return 'finding.missing';
  const payload: CommandPayload = { operation: effect === 'revokeGrants' ? 'revokeDrifted' : 'removeAgain', caller: { accountId: 'reconciliation', isAdmin: false }, findingId };
  const context: CommandContext = {
    principal: { siteId, accountId: 'reconciliation', kind: 'service', roles: new Set() }, idempotencyKey: `${findingId}/${grantId}`, methodAndPath: `RECONCILE ${payload.operation}`, bodyHash: findingId, correlationId: findingId,
  };
  const outcome = await runAccessCommand(deps, context, requestId, payload);
  if ('refused' in outcome) return outcome.refused.code;
  return outcome.stored.ok ? null : outcome.stored.refusal.code;
}

async function mark(deps: DeliverDeps, siteId: string, connectorId: string, difference: DifferenceRow, patch: Parameters<ReconciliationStore['updateDifferences']>[2]): Promise<void> {
  await deps.uow.run(siteId, async (tx) => {
    const run = await deps.runs.lockRunning(tx, connectorId);
    await deps.runs.updateDifferences(tx, [difference.id], patch);
    const counted = patch.state === 'failed' ? 'failed' : patch.state === 'delivered' && difference.effect === 'revokeGrants' ? 'revoked' : null;
    if (run !== null && counted !== null) await deps.runs.updateRun(tx, run.id, { counts: { ...run.counts, [counted]: (run.counts[counted] ?? 0) + 1 } });
  });
}
