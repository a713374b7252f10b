import type { ManualActionAnswer, JobView } from '../../../contracts/job.contract.js';
import { refusal } from '../../../domain/refusal.js';
import type { CommandOutcome, JobCommands } from '../../ports/api-commands.port.js';
import type { AccessApiDeps } from './access-api-deps.js';
import { callerOf, refusedBy } from './request-commands.js';
import { runAccessCommand, type AccessOutcome } from './run-access-command.js';

/** Retry on demand and the follow-up of manual actions (SPEC F6, F7). */
export function createJobCommands(deps: AccessApiDeps): JobCommands {
  return {
    async retry(context, { jobId }) {
      const missing: CommandOutcome<JobView> = { ok: false, refusal: refusal('job.not_found', 'There is no such job') };
      const requestId = await deps.uow.run(context.principal.siteId, (tx) => deps.lookup.byJob(tx, jobId));
      if (requestId === null) return missing;
      const refused = refusedBy(await runAccessCommand(deps, context, requestId, { operation: 'retryProvisioning', caller: callerOf(context), jobId }));
      const { items } = await deps.jobQueries.listJobs(context.principal, { requestId, limit: 200, after: null });
      const view = items.find((job) => job.id === jobId);
      if (view === undefined) return missing; // whatever the refusal: what is not shown is not there (API.md)
      return refused === null ? { ok: true, status: 200, body: view } : { ok: false, refusal: refused };
    },
    async completeManualAction(context, { manualActionId, outcome, note }) {
      const missing: CommandOutcome<ManualActionAnswer> = { ok: false, refusal: refusal('manual_action.not_found', 'There is no such manual action') };
      const requestId = await deps.uow.run(context.principal.siteId, (tx) => deps.lookup.byManualAction(tx, manualActionId));
      if (requestId === null) return missing;
      const completed = await runAccessCommand(deps, context, requestId, { operation: 'completeManualAction', caller: callerOf(context), manualActionId, outcome, note });
      const refused = refusedBy(completed);
      const { items } = await deps.jobQueries.listManualActions(context.principal, { requestId, limit: 200, after: null });
      const action = items.find((other) => other.id === manualActionId);
      if (action === undefined) return missing;
      if (refused !== null) return { ok: false, refusal: refused };
      const grant = await deps.grantQueries.find(context.principal, action.grantId);
      return { ok: true, status: 200, body: { action, readBack: readBackOf(completed), grantStatus: grant?.status ?? 'none' } };
    },
  };
}

/** What the provider said, from the stored answer; null where none could be asked. */
function readBackOf(outcome: AccessOutcome): ManualActionAnswer['readBack'] {
  if (!('stored' in outcome) || !outcome.stored.ok) return null;
  const { observed, readAt } = outcome.stored.answer;
  const known = observed === 'present' || observed === 'absent' || observed === 'unknown';
  return known && typeof readAt === 'string' ? { observed, readAt } : null;
}
