import { JiraFailure, type AdfDoc, type JiraPort, type JiraTransition } from '../ports/jira.port.js';
import type { JiraSites } from '../ports/jira-sites.port.js';
import type { TicketRow, TicketStore } from '../ports/ticket-store.port.js';
import type { SiteTx, UnitOfWork } from '../ports/unit-of-work.port.js';

export interface TicketDeps { readonly uow: UnitOfWork<SiteTx>; readonly tickets: TicketStore; readonly jiraSites: JiraSites; readonly pause: (ms: number) => Promise<void>; readonly adf: (lines: readonly string[]) => AdfDoc }

/** Jira can't take it now; the engine tries again after so long. */
export class TicketDelayed extends Error {
  override readonly name = 'TicketDelayed';
  constructor(why: string, readonly retryAfterMs: number | null) { super(why); }
}

/** Writes everything that is queued for a ticket, in order (SPEC A5, A13). What Jira refuses for good is kept as failed and audited; it never changes a decision. */
export async function updateTicket(deps: TicketDeps, siteId: string, requestId: string, signal: AbortSignal): Promise<void> {
  const site = await deps.jiraSites.find(siteId);
  for (;;) {
    const row = await sealed(deps, siteId, requestId);
    if (row === null) return deps.uow.run(siteId, (tx) => deps.tickets.settled(tx, requestId));
    const outcome = site === null ? { status: 'failed' as const, error: 'the site has no Jira' } : await write(deps, site.jira, row, signal, siteId);
    await deps.uow.run(siteId, async (tx) => {
      await deps.tickets.finish(tx, row.id, outcome.status, outcome.error);
      const action = outcome.status === 'failed' ? 'ticket.failed' : row.kind === 'comment' ? 'ticket.commented' : 'ticket.transitioned';
      await tx.audit({ action, actor: { kind: 'system', name: 'ticket' }, subject: { [requestId.startsWith('iev_') ? 'intakeEventId' : 'requestId']: requestId }, data: { kind: row.kind, marker: row.marker, ...(outcome.error === null ? {} : { error: outcome.error }) } });
    });
  }
}

/** The oldest entry, once the event behind it has its number in the audit trail: the comment names it (SPEC A13). */
async function sealed(deps: TicketDeps, siteId: string, requestId: string): Promise<TicketRow | null> {
  for (let looks = 0; looks < 60; looks += 1) {
    const row = await deps.uow.run(siteId, (tx) => deps.tickets.next(tx, requestId));
    if (row === null || !row.needsSeq || row.seq !== null) return row;
    await deps.pause(50);
  }
  throw new TicketDelayed('the audit event behind the comment is not sealed yet', 2_000);
}

type Written = { readonly status: 'done' | 'failed'; readonly error: string | null };
async function write(deps: TicketDeps, jira: JiraPort, row: TicketRow, signal: AbortSignal, siteId: string): Promise<Written> {
  try {
    const begin = (): Promise<void> => deps.uow.run(siteId, (tx) => deps.tickets.begin(tx, row.id));
    if (row.kind === 'transition') return await transition(jira, row, signal, begin);
    await begin();
    await jira.addComment(row.issueKey, deps.adf([...linesOf(row), `Audit entry ${row.seq ?? '-'}.`]), { marker: row.marker, mayExist: row.attempts > 0 }, signal);
    return { status: 'done', error: null };
  } catch (error) {
    if (!(error instanceof JiraFailure)) throw error;
    if (error.kind === 'rejected' || error.kind === 'notFound') return { status: 'failed', error: error.detail };
    await deps.uow.run(siteId, (tx) => deps.tickets.fail(tx, row.id, error.detail));
    throw new TicketDelayed(error.message, error.more.retryAfterMs ?? null);
  }
}

const linesOf = ({ content }: TicketRow): readonly string[] => (Array.isArray(content['lines']) ? content['lines'].filter((line): line is string => typeof line === 'string') : []);

/** The names that a transition is looked for by, unless the project has its own (SPEC A5). */
const APPROVE_NAMES = ['approve', 'approved', 'accept', 'accepted'];
const DENY_NAMES = ['deny', 'denied', 'decline', 'declined', 'reject', 'rejected', 'cancel', 'cancelled', 'canceled'];

async function transition(jira: JiraPort, { issueKey, content, attempts }: TicketRow, signal: AbortSignal, begin: () => Promise<void>): Promise<Written> {
  const own = Array.isArray(content['names']) ? content['names'].filter((name): name is string => typeof name === 'string') : [];
  const names = own.length > 0 ? own : content['decision'] === 'approve' ? APPROVE_NAMES : DENY_NAMES;
  const found = matching(await jira.listTransitions(issueKey, signal), names);
  if (found !== null) {
    await begin();
    await jira.transition(issueKey, found.id, signal);
    return { status: 'done', error: null };
  }
  // Only what was sent counts as an attempt: after a lost answer the ticket may have moved on already: then the transition is not offered any more, and that is what was wanted.
  return attempts > 0 ? { status: 'done', error: null } : { status: 'failed', error: `none of the transitions ${names.join(', ')} is offered` };
}
function matching(offered: readonly JiraTransition[], names: readonly string[]): JiraTransition | null {
  for (const name of names.map((wanted) => wanted.toLowerCase())) {
    const found = offered.find((candidate) => candidate.name.toLowerCase() === name) ?? offered.find((candidate) => candidate.toName.toLowerCase() === name);
    if (found !== undefined) return found;
  }
  return null;
}
