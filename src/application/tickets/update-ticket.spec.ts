import { NOW } from '../../../test/decisions/facts.js';
import { JiraFailure, type JiraPort, type JiraTransition } from '../ports/jira.port.js';
import type { TicketRow } from '../ports/ticket-store.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import { TicketDelayed, updateTicket, type TicketDeps } from './update-ticket.js';

/** One queued transition and a Jira that does with it what the test says. */
function queued(jira: Pick<JiraPort, 'listTransitions' | 'transition'>): { readonly deps: TicketDeps; readonly ended: () => string } {
  let row: TicketRow | null = { id: 1, requestId: 'req', issueKey: 'AI-1', kind: 'transition', content: { decision: 'approve', names: [] }, marker: 'm', attempts: 0, seq: 1, needsSeq: true };
  let ended = 'queued';
  const tx: SiteTx = { siteId: 'acme', now: NOW, offsetMs: 0, audit: () => Promise.resolve('event'), rehearse: (work) => work() };
  const unused = (): never => { throw new Error('not part of this test'); };
  const deps: TicketDeps = {
    uow: { run: (_site, work) => work(tx) }, pause: () => Promise.resolve(), adf: () => ({ type: 'doc', version: 1, content: [] }),
    tickets: {
      next: () => Promise.resolve(row), begin: () => { row = row === null ? null : { ...row, attempts: row.attempts + 1 }; return Promise.resolve(); },
      finish: (_tx, _id, status) => { row = null; ended = status; return Promise.resolve(); }, fail: () => Promise.resolve(), settled: () => Promise.resolve(), withoutRequest: () => Promise.resolve([]),
    },
    jiraSites: {
      find: () => Promise.resolve({ propertyKey: 'p', jira: {
        ...jira, findIssue: unused, findRequestTypeId: unused, findProperty: unused, listGroupNames: unused, isAccountActive: unused, addComment: unused, findProject: unused, listIssueTypes: unused,
        listRequestTypes: unused, missingPermissions: unused, isAdministrator: unused, serverInfo: unused,
      } }),
    },
  };
  return { deps, ended: () => ended };
}
const away = (): Promise<never> => Promise.reject(new JiraFailure('retryable', 'away'));
const update = (deps: TicketDeps): Promise<void> => updateTicket(deps, 'acme', 'req', new AbortController().signal);
const approve: readonly JiraTransition[] = [{ id: '1', name: 'Approve', toName: 'Approved' }];

describe('a transition of a ticket', () => {
  it('is failed when none is offered, also after a first look that Jira did not answer', async () => {
    let looks = 0;
    const { deps, ended } = queued({ listTransitions: () => { looks += 1; return looks === 1 ? away() : Promise.resolve([]); }, transition: away });
    await expect(update(deps)).rejects.toBeInstanceOf(TicketDelayed);
    await update(deps);
    expect(ended()).toBe('failed');
  });

  it('is done when it is not offered any more after one that was sent and not answered', async () => {
    let sent = false;
    const { deps, ended } = queued({ listTransitions: () => Promise.resolve(sent ? [] : approve), transition: () => { sent = true; return away(); } });
    await expect(update(deps)).rejects.toBeInstanceOf(TicketDelayed);
    await update(deps);
    expect(ended()).toBe('done');
  });
});
