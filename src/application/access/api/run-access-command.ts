import { refuseVote } from '../../../domain/approval/decide.js';
import { refusal, type Refusal } from '../../../domain/refusal.js';
import { recordWorkflowCommand } from '../../commands/run-command.js';
import { EngineUnavailable, JiraUnavailable, type CommandContext } from '../../ports/api-commands.port.js';
import type { ApiRefusal } from '../../../contracts/refusal-status.js';
import type { RunLabels } from '../../ports/engine.port.js';
import type { SiteTx } from '../../ports/unit-of-work.port.js';
import type { AccessCase, GroupsToUse } from '../access-case.js';
import { openCase, type AccessDeps } from '../access-deps.js';
import { withFreshGroups } from '../fresh-groups.js';
import { spentOn, voterOf } from '../commands/decide.js';
import { actorOfCommand, type CommandPayload } from '../commands/command-types.js';
import { labelsOf } from '../submit/create-request.js';
import { dispatch, keepAnswer, type StoredAnswer } from '../steps.js';
import type { AccessApiDeps } from './access-api-deps.js';
import { Turnstile } from './turnstile.js';

const turnstile = new Turnstile(3);
/** All that a command needs of the outside: the governance worker issues some too. */
export type AccessCommandDeps = AccessDeps & Pick<AccessApiDeps, 'commands' | 'engine'>;

/** A command's answer, or the refusal of its recording (a key that was used for something else). */
export type AccessOutcome = { readonly stored: StoredAnswer } | { readonly refused: ApiRefusal };

/**
 * One command on one request, whoever sends it (DESIGN, commands): recorded with its caller, refused here when Postgres already says no, otherwise delivered to
 * the workflow, whose step stores the result. @throws EngineUnavailable when no result is stored in time: the same key asks again.
 */
export async function runAccessCommand(deps: AccessCommandDeps, context: CommandContext, requestId: string, payload: CommandPayload, item = ''): Promise<AccessOutcome> {
  const { siteId } = context.principal;
  const first = await withFreshGroups(deps, siteId, (groups) => deps.uow.run(siteId, (tx) => recordAndLook(deps, tx, context, { requestId, payload, item, groups })));
  if (first.kind !== 'deliver') return first.outcome;
  return turnstile.pass(`${siteId}/${requestId}`, async (waited) => {
    if (waited) {
      const again = await withFreshGroups(deps, siteId, (groups) => deps.uow.run(siteId, (tx) => lookAgain(deps, tx, first.commandId, { requestId, payload, groups })));
      if (again !== null) return { stored: again };
    }
    return { stored: await deliver(deps, siteId, requestId, payload, first.commandId, first.labels) };
  });
}

type Looked = { readonly kind: 'answered'; readonly outcome: AccessOutcome } | { readonly kind: 'deliver'; readonly commandId: string; readonly labels: RunLabels };
interface Asked { readonly requestId: string; readonly payload: CommandPayload; readonly groups: GroupsToUse }
async function recordAndLook(deps: AccessCommandDeps, tx: SiteTx, context: CommandContext, { requestId, payload, item, groups }: Asked & { readonly item: string }): Promise<Looked> {
  const recorded = await recordWorkflowCommand(deps, tx, context, { operation: payload.operation, requestId, payload: { ...payload }, item });
  if (!recorded.ok) return { kind: 'answered', outcome: { refused: recorded.refusal } };
  if (recorded.stored !== null) return { kind: 'answered', outcome: { stored: storedAnswer(recorded.stored.body) } };
  const c = await openCase(deps, tx, requestId, groups);
  if (c === null) return { kind: 'answered', outcome: { refused: refusal('request.not_found', 'There is no such request') } };
  const refused = await refusalNow(c, payload);
  if (refused !== null) return { kind: 'answered', outcome: { stored: await keepRefusal(deps, tx, c, recorded.commandId, payload, refused) } };
  return { kind: 'deliver', commandId: recorded.commandId, labels: await labelsOf(deps.store, tx, c.request) };
}

/** Null: nothing has been stored meanwhile and Postgres still does not say no. */
async function lookAgain(deps: AccessCommandDeps, tx: SiteTx, commandId: string, { requestId, payload, groups }: Asked): Promise<StoredAnswer | null> {
  const command = await deps.store.lockCommand(tx, commandId); // before the request, as the step does
  const c = await openCase(deps, tx, requestId, groups);
  if (command !== null && command.status !== null) return storedAnswer(command.result);
  const refused = c === null ? null : await refusalNow(c, payload);
  return c === null || refused === null ? null : keepRefusal(deps, tx, c, commandId, payload, refused);
}

/** The core's own refusal under the request's lock, without an engine call. A vote is checked alone; everything else is rehearsed and undone. */
async function refusalNow(c: AccessCase, payload: CommandPayload): Promise<Refusal | null> {
  if (payload.operation === 'decide') {
    const voter = await voterOf(c, payload.caller);
    return refuseVote({ request: c.request, reviews: c.reviews, routing: await c.store.routing(c.tx, c.request.projectKey, spentOn(c)), voter });
  }
  const copy = { request: c.request, grant: c.grant, membership: c.membership, jobs: [...c.jobs], manualActions: [...c.manualActions] };
  const rehearsed = await c.tx.rehearse(() => dispatch(c, payload, null));
  Object.assign(c, copy);
  // Policy alone would say yes to somebody's own extension, by groups that nobody confirms now.
  if (c.onLastKnownGroups && payload.operation === 'extend' && payload.caller.accountId === c.request.requester) throw new JiraUnavailable('Jira did not say which groups the requester is in');
  return rehearsed.ok ? null : rehearsed.error;
}

async function keepRefusal(deps: AccessCommandDeps, tx: SiteTx, c: AccessCase, commandId: string, payload: CommandPayload, refused: Refusal): Promise<StoredAnswer> {
  const stored: StoredAnswer = { ok: false, refusal: refused };
  await keepAnswer(deps, tx, c, { id: commandId, actor: actorOfCommand(payload.operation, payload.caller.accountId), operation: payload.operation }, stored);
  return stored;
}

async function deliver(deps: AccessCommandDeps, siteId: string, requestId: string, payload: CommandPayload, commandId: string, labels: RunLabels): Promise<StoredAnswer> {
  const find = async (): Promise<StoredAnswer | null> => {
    const command = await deps.uow.run(siteId, (tx) => deps.store.lockCommand(tx, commandId));
    return command === null || command.status === null ? null : storedAnswer(command.result);
  };
  try {
    await deps.engine.deliver(siteId, requestId, payload.operation, commandId, labels);
  } catch (error) {
    const stored = await find(); // the step may have stored its result all the same: Postgres is asked before anything is said
    if (stored === null) throw error;
    return stored;
  }
  const stored = await find();
  if (stored === null) throw new EngineUnavailable('The workflow engine answered without a result');
  return stored;
}

function storedAnswer(value: unknown): StoredAnswer {
  if (isStoredAnswer(value)) return value;
  throw new Error('a command holds a result that is none');
}
const isStoredAnswer = (value: unknown): value is StoredAnswer => typeof value === 'object' && value !== null && 'ok' in value && typeof value.ok === 'boolean';
