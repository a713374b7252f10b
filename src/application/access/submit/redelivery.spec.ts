import { MemoryRecord } from '../../../../test/decisions/memory-record.js';
import { defaults, guardrails, NOW } from '../../../../test/decisions/facts.js';
import type { IntakeEvent } from '../../ports/intake-store.port.js';
import { issueCreated, type IntakeDeps } from './issue-created.js';

/** One event that was refused before; the site has no Jira, so that a delivery that goes on is accepted and waits. */
function refusedFor(reason: string): { readonly deps: IntakeDeps; readonly event: () => IntakeEvent } {
  const record = new MemoryRecord({ policy: { version: 1, guardrails: guardrails(), defaults: defaults('review'), policies: [], dataClasses: [], blocks: [] }, tools: {}, routing: { approvers: [], securityReviewers: [], adminFallback: 'never' }, identities: {}, settings: {} }, NOW);
  let event: IntakeEvent = { id: 'iev_1', issueKey: 'AI-1', issueId: null, outcome: 'refused', reason, requestId: null, attempts: 12, receivedAt: NOW };
  const unused = (): never => { throw new Error('not part of this test'); };
  const deps: IntakeDeps = {
    uow: record, store: record, log: () => undefined, pause: () => Promise.resolve(), jiraSites: { find: () => Promise.resolve(null) },
    engine: { start: unused, deliver: unused, wake: unused }, lookup: { byGrant: unused, byJob: unused, byManualAction: unused, byIssueKey: unused, find: unused, intakeProject: unused },
    intake: {
      receive: () => Promise.resolve({ mine: false, event }), lock: () => Promise.resolve(event), due: () => Promise.resolve([]),
      update: (_tx, _id, { retryInMs: _retryInMs, ...patch }) => { event = { ...event, ...patch }; return Promise.resolve(); },
    },
  };
  return { deps, event: () => event };
}

describe('an issue-created event that Jira delivers again after it was refused (SPEC I3)', () => {
  it.each(['intake.issue_unknown', 'snapshot.missing', 'intake.portal_not_enabled'])('is looked at anew after %s', async (reason) => {
    const { deps, event } = refusedFor(reason);
    expect(await issueCreated(deps, 'acme', { issueKey: 'AI-1', issueId: null })).toMatchObject({ body: { outcome: 'accepted' } });
    expect(event()).toMatchObject({ outcome: 'accepted', attempts: 0 });
  });

  it('stays a duplicate where the reason can not pass', async () => {
    const { deps, event } = refusedFor('intake.written_by_other');
    expect(await issueCreated(deps, 'acme', { issueKey: 'AI-1', issueId: null })).toMatchObject({ body: { outcome: 'duplicate' } });
    expect(event().outcome).toBe('refused');
  });
});
