import { randomUUID } from 'node:crypto';
import type { IntakeAnswer } from '../../../contracts/intake.contract.js';
import { JiraUnavailable, type CommandOutcome } from '../../ports/api-commands.port.js';
import type { IntakeEvent, IntakeStore } from '../../ports/intake-store.port.js';
import type { JiraPort } from '../../ports/jira.port.js';
import type { SiteTx } from '../../ports/unit-of-work.port.js';
import type { AccessApiDeps } from '../api/access-api-deps.js';
import { startSoon } from '../api/request-commands.js';
import { createRequest } from './create-request.js';
import { requesterGroups } from './requester-groups.js';
import { INTAKE_REFUSALS, readIssueOnce, type IssueReading } from './take-in-issue.js';

export interface IntakeDeps extends Pick<AccessApiDeps, 'uow' | 'store' | 'engine' | 'jiraSites' | 'lookup' | 'log'> { readonly intake: IntakeStore; readonly pause: (ms: number) => Promise<void> }

/** Forge gives an event 5 seconds; Jira gets two of them, the rest is the poller's (API.md). Milliseconds. */
const READ_BUDGET_MS = 2_000;
const READ_PAUSE_MS = 150;
/** As much for the engine: a start that takes longer goes on by itself, and the poller sees to it. Milliseconds. */
const START_BUDGET_MS = 2_000;
const RETRY_MS = 5_000;
/** A property that is still missing after so many looks never comes: Jira lags seconds. */
const MAX_LOOKS = 12;

/**
 * Jira says that an issue was created (SPEC I3, I4). The delivery is committed before anything else; exactly one of many deliveries goes on, the others are
 * duplicates of it, and what can't be finished now is found by the poller.
 */
export async function issueCreated(deps: IntakeDeps, siteId: string, issue: { readonly issueKey: string; readonly issueId: string | null }): Promise<CommandOutcome<IntakeAnswer>> {
  const received = await deps.uow.run(siteId, async (tx) => {
    const { mine: first, event } = await deps.intake.receive(tx, { id: `iev_${randomUUID()}`, ...issue, retryInMs: RETRY_MS });
    const mine = first || (await reopen(deps, tx, event));
    await tx.audit({ action: mine ? 'intake.received' : 'intake.duplicate', actor: { kind: 'service', name: 'jira' }, subject: { intakeEventId: event.id, issueKey: issue.issueKey, ...(event.requestId === null ? {} : { requestId: event.requestId }) }, data: {} });
    return { mine, event };
  });
  if (!received.mine) return answer({ outcome: 'duplicate', ...(received.event.requestId === null ? {} : { requestId: received.event.requestId }) });
  return answer(await takeIn(deps, siteId, received.event, READ_BUDGET_MS));
}

/** Refusals of something that may be otherwise by now: Jira lagged, or an admin has opened the gate since. */
const MAY_HAVE_PASSED: ReadonlySet<string> = new Set(['intake.issue_unknown', 'snapshot.missing', 'intake.portal_not_enabled', 'intake.request_type_not_enabled', 'intake.no_reporter']);
/** Jira delivers a refused issue again: it is looked at anew where the reason may have passed (SPEC I3, nothing lost). */
async function reopen(deps: IntakeDeps, tx: SiteTx, { id, outcome, reason }: IntakeEvent): Promise<boolean> {
  if (outcome !== 'refused' || !MAY_HAVE_PASSED.has(reason ?? '')) return false;
  const locked = await deps.intake.lock(tx, id);
  if (locked?.outcome !== 'refused') return false; // another delivery of the same moment was quicker
  await deps.intake.update(tx, id, { outcome: 'accepted', attempts: 0, retryInMs: RETRY_MS });
  return true;
}
const answer = (body: IntakeAnswer): CommandOutcome<IntakeAnswer> => ({ ok: true, status: 202, body });

/** Reads the issue within the budget and settles the event; also what the poller does with an event that had to wait. */
export async function takeIn(deps: IntakeDeps, siteId: string, event: IntakeEvent, budgetMs: number): Promise<IntakeAnswer> {
  const site = await deps.jiraSites.find(siteId);
  if (site === null) return { outcome: 'accepted', reason: 'site.without_jira' };
  const reading = await readPatiently(deps, siteId, site.jira, site.propertyKey, event.issueKey, budgetMs);
  if (reading.kind === 'ready') return start(deps, siteId, event, reading);
  if (reading.kind === 'notYet' && (event.attempts < MAX_LOOKS || reading.why.startsWith('jira.'))) return later(deps, siteId, event, reading.why);
  const refused = reading.kind === 'refused' ? reading : { kind: 'refused' as const, reason: reading.issue === null ? ('intake.issue_unknown' as const) : ('snapshot.missing' as const), comment: reading.issue !== null, issue: reading.issue };
  return refuse(deps, siteId, event, refused);
}

async function readPatiently(deps: IntakeDeps, siteId: string, jira: JiraPort, propertyKey: string, issueKey: string, budgetMs: number): Promise<IssueReading> {
  const gate = await deps.uow.run(siteId, (tx) => deps.lookup.intakeProject(tx));
  const signal = AbortSignal.timeout(budgetMs);
  const until = performance.now() + budgetMs - READ_PAUSE_MS;
  for (;;) {
    const reading = await readIssueOnce(jira, propertyKey, gate, issueKey, signal);
    if (reading.kind !== 'notYet' || performance.now() >= until) return reading;
    await deps.pause(READ_PAUSE_MS);
  }
}

async function later(deps: IntakeDeps, siteId: string, event: IntakeEvent, why: string): Promise<IntakeAnswer> {
  // Only looks that Jira answered count towards giving up: a Jira that is away for a day loses nobody's request.
  const attempts = event.attempts + (why.startsWith('jira.') ? 0 : 1);
  await deps.uow.run(siteId, (tx) => deps.intake.update(tx, event.id, { reason: why, attempts, retryInMs: RETRY_MS * Math.min(12, event.attempts + 1) }));
  return { outcome: 'accepted', reason: why };
}

type Ready = Extract<IssueReading, { kind: 'ready' }>;
async function start(deps: IntakeDeps, siteId: string, event: IntakeEvent, { issue, reporter, snapshot }: Ready): Promise<IntakeAnswer> {
  let jiraGroups: readonly string[] | null;
  try {
    jiraGroups = await requesterGroups(deps, siteId, reporter, snapshot);
  } catch (error) {
    if (error instanceof JiraUnavailable) return later(deps, siteId, event, 'jira.groups_unreadable');
    throw error;
  }
  const requestId = await deps.uow.run(siteId, async (tx) => {
    const locked = await deps.intake.lock(tx, event.id);
    if (locked?.requestId != null) return locked.requestId;
    if (locked?.outcome === 'refused') return null; // a quicker look settled it
    const existing = await deps.lookup.find(tx, (await deps.store.findRequestIdByIssue(tx, issue.id)) ?? '');
    const request = existing ?? (await createRequest(deps.store, tx, { ...snapshot, issueId: issue.id, issueKey: issue.key, projectKey: issue.projectKey, requester: reporter, submittedBy: reporter, jiraGroups }));
    await deps.intake.update(tx, event.id, { outcome: 'started', requestId: request.id, issueId: issue.id });
    return request.id;
  });
  if (requestId === null) return { outcome: 'duplicate' };
  const isStarted = await Promise.race([startSoon(deps, siteId, requestId), deps.pause(START_BUDGET_MS).then(() => false)]);
  return isStarted ? { outcome: 'started', requestId } : { outcome: 'accepted', requestId, reason: 'engine.unavailable' };
}

type Refused = Extract<IssueReading, { kind: 'refused' }>;
/** No request, one audit event with the reason, and a comment that the requester understands, where the issue is one of ours (SPEC I4). */
async function refuse(deps: IntakeDeps, siteId: string, event: IntakeEvent, refused: Refused): Promise<IntakeAnswer> {
  await deps.uow.run(siteId, async (tx: SiteTx) => {
    const locked = await deps.intake.lock(tx, event.id);
    if (locked?.outcome !== 'accepted') return;
    await deps.intake.update(tx, event.id, { outcome: 'refused', reason: refused.reason });
    const auditEventId = await tx.audit({ action: 'intake.refused', actor: { kind: 'system', name: 'intake' }, subject: { intakeEventId: event.id, issueKey: event.issueKey }, data: { reason: refused.reason } });
    if (refused.comment && refused.issue !== null) await deps.store.queueTicket(tx, { requestId: event.id, issueKey: refused.issue.id, kind: 'comment', content: { lines: [INTAKE_REFUSALS[refused.reason]] }, auditEventId });
  });
  return { outcome: 'refused', reason: refused.reason };
}
