import { bulkDecisionAnswer, type BulkDecisionAnswer, type RequestView } from '../../../contracts/request.contract.js';
import { PROBLEM_STATUS, type ApiRefusal } from '../../../contracts/refusal-status.js';
import { refusal } from '../../../domain/refusal.js';
import { findStored, runCommand, type Operation } from '../../commands/run-command.js';
import { EngineUnavailable, type CommandContext, type CommandOutcome, type RequestCommands } from '../../ports/api-commands.port.js';
import { DatabaseUnavailable } from '../../ports/unit-of-work.port.js';
import type { Reader } from '../../commands/outcome.js';
import { createRequest, labelsOf, type Submission } from '../submit/create-request.js';
import { linkedIssue } from '../submit/linked-issue.js';
import { requesterGroups } from '../submit/requester-groups.js';
import type { Caller } from '../commands/command-types.js';
import type { AccessApiDeps } from './access-api-deps.js';
import { runAccessCommand, type AccessOutcome } from './run-access-command.js';

export const callerOf = ({ principal }: CommandContext): Caller => ({ accountId: principal.accountId, isAdmin: principal.roles.has('admin') });

/** The API's commands on requests (SPEC I6, A1, A9). */
export function createRequestCommands(deps: AccessApiDeps): RequestCommands {
  return {
    submit: (context, input) => submit(deps, context, input),
    decide: async (context, { requestId, decision, comment, durationDays }) => {
      const outcome = await runAccessCommand(deps, context, requestId, { operation: 'decide', caller: callerOf(context), decision, comment: comment ?? null, durationDays: durationDays ?? null });
      return answerWithRequest(deps, context, requestId, outcome);
    },
    bulkDecide: (context, input) => bulkDecide(deps, context, input),
    withdraw: async (context, { requestId, reason }) => {
      const outcome = await runAccessCommand(deps, context, requestId, { operation: 'withdraw', caller: callerOf(context), comment: reason ?? null });
      return answerWithRequest(deps, context, requestId, outcome);
    },
  };
}

/** To a stranger every refusal reads like that of a request that is not there: who may not see it by GET learns nothing from a command either (API.md, 404). */
async function answerWithRequest(deps: AccessApiDeps, context: CommandContext, requestId: string, outcome: AccessOutcome): Promise<CommandOutcome<RequestView>> {
  const view = await deps.requestQueries.find(context.principal, requestId);
  if (view === null) return { ok: false, refusal: refusal('request.not_found', 'There is no such request') };
  const refused = refusedBy(outcome);
  return refused === null ? { ok: true, status: 200, body: view } : { ok: false, refusal: refused };
}
export const refusedBy = (outcome: AccessOutcome): ApiRefusal | null => ('refused' in outcome ? outcome.refused : outcome.stored.ok ? null : outcome.stored.refusal);

type SubmitInput = Parameters<RequestCommands['submit']>[1];
/** A person asks for themselves; a service client names the person (SPEC I6). */
async function submit(deps: AccessApiDeps, context: CommandContext, input: SubmitInput): Promise<CommandOutcome<RequestView>> {
  const { principal } = context;
  const operation = { name: 'submit', answer: submitted, refusedAction: 'request.refused' } as const;
  const refused = refusePrincipal(principal, input);
  const before = await findStored(deps, context, operation);
  const outcome = before ?? (refused === null ? await create(deps, context, input, operation) : await runCommand(deps, context, operation, () => Promise.resolve({ ok: false, refusal: refused })));
  if (!outcome.ok) return outcome;
  const view = await deps.requestQueries.find({ ...principal, accountId: input.accountId ?? principal.accountId }, outcome.body.requestId);
  return view === null ? { ok: false, refusal: refusal('request.not_found', 'There is no such request') } : { ok: true, status: 201, body: view };
}

function refusePrincipal({ kind }: CommandContext['principal'], { accountId }: SubmitInput): ApiRefusal | null {
  if (accountId !== undefined && kind !== 'service') return { code: 'auth.forbidden', detail: 'Only a service client asks for somebody else', path: 'accountId' };
  return kind === 'service' && accountId === undefined ? { code: 'body.invalid', detail: 'A service client names the person it asks for', path: 'accountId' } : null;
}

/** What is stored with the command: the answer itself is the request as it stands when it is asked for. */
const submitted: Reader<{ readonly requestId: string }> = {
  parse: (value) => {
    if (typeof value === 'object' && value !== null && 'requestId' in value && typeof value.requestId === 'string') return { requestId: value.requestId };
    throw new Error('a submit command holds a result without a request');
  },
};

async function create(deps: AccessApiDeps, context: CommandContext, input: SubmitInput, operation: Operation<{ readonly requestId: string }>): Promise<CommandOutcome<{ readonly requestId: string }>> {
  const { principal } = context;
  const requester = input.accountId ?? principal.accountId;
  const jiraGroups = await requesterGroups(deps, principal.siteId, requester, input);
  const intake = await deps.uow.run(principal.siteId, (tx) => deps.lookup.intakeProject(tx));
  const issue = input.issueKey === undefined ? null : await linkedIssue(deps.jiraSites, principal.siteId, input.issueKey, requester, intake.projectKey);
  const outcome = await runCommand(deps, context, operation, async (tx) => {
    if (issue !== null && !issue.ok) return { ok: false, refusal: issue.error };
    if (issue !== null && (await deps.store.findRequestIdByIssue(tx, issue.value.id)) !== null) return { ok: false, refusal: refusal('request.issue_taken', 'This issue has a request already', 'issueKey') };
    const asked: Submission = {
      issueId: issue?.value.id ?? null, issueKey: issue?.value.key ?? null, projectKey: intake.projectKey ?? 'REST', toolKey: input.toolKey, roleKey: input.roleKey, requester, submittedBy: principal.accountId,
      businessUse: input.businessUse, dataClasses: input.dataClasses, durationDays: input.durationDays, jiraGroups,
    };
    const { id } = await createRequest(deps.store, tx, asked);
    return { ok: true, status: 201, body: { requestId: id } };
  });
  if (outcome.ok) await startSoon(deps, principal.siteId, outcome.body.requestId);
  return outcome;
}

/** The request is recorded: an engine that is away makes it late, not lost. The poller starts what is not started; false says that it has to. */
export async function startSoon(deps: Pick<AccessApiDeps, 'uow' | 'store' | 'engine' | 'lookup' | 'log'>, siteId: string, id: string): Promise<boolean> {
  try {
    const labels = await deps.uow.run(siteId, async (tx) => {
      const request = await deps.lookup.find(tx, id);
      return request === null ? null : labelsOf(deps.store, tx, request);
    });
    if (labels !== null) await deps.engine.start(siteId, id, labels);
    return true;
  } catch (error) {
    deps.log('a recorded request is not started yet', { requestId: id, why: error instanceof Error ? error.message : 'unknown' });
    return false;
  }
}

type BulkInput = Parameters<RequestCommands['bulkDecide']>[1];
/** Each item is the single command under the same key: a repeat finds each item's stored answer (SPEC A1). */
async function bulkDecide(deps: AccessApiDeps, context: CommandContext, input: BulkInput): Promise<CommandOutcome<BulkDecisionAnswer>> {
  const items = input.requestIds ?? input.issueKeys ?? [];
  const results: BulkDecisionAnswer['results'] = [];
  for (const item of items) results.push(await bulkItem(deps, context, input, item));
  return { ok: true, status: 200, body: bulkDecisionAnswer.parse({ results }) };
}
async function bulkItem(deps: AccessApiDeps, context: CommandContext, input: BulkInput, item: string): Promise<BulkDecisionAnswer['results'][number]> {
  const byKey = input.issueKeys !== undefined;
  const found = await deps.uow.run(context.principal.siteId, async (tx) => {
    const id = byKey ? await deps.lookup.byIssueKey(tx, item) : item;
    return id === null ? null : deps.lookup.find(tx, id);
  });
  const missing = { issueKey: byKey ? item : null, requestId: byKey ? null : item, status: 404, code: 'request.not_found', detail: 'There is no such request' };
  if (found === null) return missing;
  const named = { issueKey: found.issueKey, requestId: found.id };
  try {
    const outcome = await runAccessCommand(deps, context, found.id, { operation: 'decide', caller: callerOf(context), decision: input.decision, comment: input.comment ?? null, durationDays: null }, found.id);
    const refused = refusedBy(outcome);
    if (refused !== null && (await deps.requestQueries.find(context.principal, found.id)) === null) return missing;
    return refused === null ? { ...named, status: 200 } : { ...named, status: PROBLEM_STATUS[refused.code], code: refused.code, detail: refused.detail };
  } catch (error) {
    if (!(error instanceof EngineUnavailable || error instanceof DatabaseUnavailable)) throw error;
    return { ...named, status: 503, code: error instanceof EngineUnavailable ? 'engine.unavailable' : 'database.unavailable', detail: 'Not decided; repeat with the same Idempotency-Key' };
  }
}
