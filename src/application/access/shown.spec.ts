import { AccessModel } from '../../../test/decisions/access-model.js';
import { loadStep } from './steps.js';
import { createRequest } from './submit/create-request.js';

describe('what an operator is shown of a run (SPEC U6)', () => {
  it('names the role that is asked for', async () => {
    const { record } = new AccessModel();
    const { id } = await record.run('acme', (tx) => createRequest(record, tx, {
      issueId: null, issueKey: 'AI-1', projectKey: 'AI', toolKey: 'chatgpt', roleKey: 'admin', requester: 'ann', submittedBy: 'ann', businessUse: 'notes', dataClasses: ['internal'], durationDays: 1, jiraGroups: [],
    }));
    const { plan } = await loadStep({ uow: record, store: record, readGroups: () => Promise.resolve([]) }, 'acme', id);
    expect(plan.details).toContain('tool `chatgpt/admin`');
  });
});
