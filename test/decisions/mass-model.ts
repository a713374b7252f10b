import type { AccessDeps } from '../../src/application/access/access-deps.js';
import { applyStep } from '../../src/application/access/steps.js';
import { createRequest } from '../../src/application/access/submit/create-request.js';
import type { MassActionItemState } from '../../src/application/ports/record.port.js';
import { defaults, guardrails, NOW, tool } from './facts.js';
import { MemoryRecord } from './memory-record.js';

/** One request that a kill switch reaches, pending unless policy approves by itself, on the application's own steps. */
export async function startModel(item: Partial<MassActionItemState> = {}, outcome: 'review' | 'autoApprove' = 'review'): Promise<{ readonly record: MemoryRecord; readonly requestId: string; send(commandId: string, operation: 'stop' | 'restore'): Promise<string> }> {
  const record = new MemoryRecord({
    policy: { version: 1, guardrails: guardrails(), defaults: defaults(outcome), policies: [], dataClasses: ['internal'], blocks: [] },
    tools: { chatgpt: { policy: tool(), fulfilment: { name: 'ChatGPT', provider: 'none', risk: 'medium', fulfilment: 'automatic', fulfilmentOwner: null, fulfilmentHours: null, group: null, connector: null } } },
    routing: { approvers: ['bob'], securityReviewers: [], adminFallback: 'never' }, identities: {}, settings: {},
  }, NOW);
  const deps: AccessDeps = { uow: record, store: record, readGroups: () => Promise.resolve([]) };
  const request = await record.run('acme', (tx) => createRequest(record, tx, { issueId: null, issueKey: null, projectKey: 'AI', toolKey: 'chatgpt', roleKey: null, requester: 'ann', submittedBy: 'ann', businessUse: 'notes', dataClasses: ['internal'], durationDays: 30, jiraGroups: [] }));
  record.massActionItems.set(`ks-1/${request.id}`, { source: 'killSwitch', reason: 'incident 7', remainingMs: null, outcome: null, inForce: true, restoring: false, ...item });
  return {
    record, requestId: request.id,
    async send(commandId, operation) {
      if (!record.tables.commands.has(commandId)) record.command(commandId, request.id, { operation, massActionId: 'ks-1', caller: { accountId: 'kill-switch' } });
      const { outcome } = await applyStep(deps, 'acme', commandId, null);
      return outcome.kind === 'answered' && !outcome.answer.ok ? outcome.answer.refusal.code : 'ok';
    },
  };
}
