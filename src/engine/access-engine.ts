import { WithStartWorkflowOperation, type Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import { EngineUnavailable } from '../application/ports/api-commands.port.js';
import { entitlementName } from '../domain/catalog/entitlement.js';
import type { AccessEngine, RunLabels } from '../application/ports/engine.port.js';
import type { Operation } from '../domain/request/operations.js';
import { UPDATES, wakeSignal, workflowIdOf, WORKFLOW_TYPE, type AccessRequestInput } from '../workflows/access-request/messages.js';
import { engineUnavailable } from './engine-errors.js';
import { sendUpdate } from './send-update.js';

/** The caller of the API waits no longer than this; the command stays recorded and the same key asks again. Milliseconds. */
const DEADLINE_MS = 9_000;

const ATTRIBUTE = {
  phase: defineSearchAttributeKey('AccessPhase', 'KEYWORD'), tool: defineSearchAttributeKey('Tool', 'KEYWORD'), provider: defineSearchAttributeKey('Provider', 'KEYWORD'),
  risk: defineSearchAttributeKey('RiskTier', 'KEYWORD'), site: defineSearchAttributeKey('Site', 'KEYWORD'), policyVersion: defineSearchAttributeKey('PolicyVersion', 'KEYWORD'), issueKey: defineSearchAttributeKey('IssueKey', 'KEYWORD'),
  pendingStage: defineSearchAttributeKey('PendingStage', 'KEYWORD'), approvalDueAt: defineSearchAttributeKey('ApprovalDueAt', 'DATETIME'),
};

/** The engine on a Temporal server. `taskQueue` is the governance queue; the core queue follows from it (workflows/access-request). */
export function createAccessEngine(client: Client, taskQueue: string): AccessEngine {
  const startOptions = (siteId: string, requestId: string, labels: RunLabels) => ({
    taskQueue,
    workflowId: workflowIdOf(siteId, requestId),
    args: [{ siteId, requestId }] satisfies [AccessRequestInput],
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: `${entitlementName(labels)}${labels.issueKey === null ? '' : ` for ${labels.issueKey}`}`,
    typedSearchAttributes: attributes(siteId, labels),
  } as const);
  const guarded = async <T>(what: string, call: () => Promise<T>): Promise<T> => {
    try {
      return await client.withDeadline(Date.now() + DEADLINE_MS, call);
    } catch (error) {
      throw engineUnavailable(error) ? new EngineUnavailable(`The workflow engine did not answer (${what})`, { cause: error }) : error;
    }
  };

  return {
    async start(siteId, requestId, labels) {
      await guarded('start', () => client.workflow.start(WORKFLOW_TYPE, startOptions(siteId, requestId, labels)));
    },
    async deliver(siteId, requestId, operation, commandId, labels) {
      await guarded(operation, () => update(client, operation, commandId, startOptions(siteId, requestId, labels)));
    },
    async wake(siteId, requestId, reason, labels) {
      await guarded('wake', () => client.workflow.signalWithStart(WORKFLOW_TYPE, { ...startOptions(siteId, requestId, labels), signal: wakeSignal, signalArgs: [reason] }));
    },
  };
}

function attributes(siteId: string, labels: RunLabels): SearchAttributePair[] {
  return [
    { key: ATTRIBUTE.phase, value: labels.phase }, { key: ATTRIBUTE.tool, value: labels.toolKey }, { key: ATTRIBUTE.provider, value: labels.provider }, { key: ATTRIBUTE.risk, value: labels.risk },
    { key: ATTRIBUTE.site, value: siteId }, { key: ATTRIBUTE.policyVersion, value: labels.policyVersion },
    ...(labels.pendingStage === null ? [] : [{ key: ATTRIBUTE.pendingStage, value: labels.pendingStage }]),
    ...(labels.approvalDueAt === null ? [] : [{ key: ATTRIBUTE.approvalDueAt, value: labels.approvalDueAt }]),
    ...(labels.issueKey === null ? [] : [{ key: ATTRIBUTE.issueKey, value: labels.issueKey }]),
  ];
}

type StartOptions = ConstructorParameters<typeof WithStartWorkflowOperation>[1] & { readonly workflowId: string };
/** The command's id is the update's id: delivered twice to one run it is one update, and to another run a repeat that finds its stored result. */
async function update(client: Client, operation: Operation, commandId: string, start: StartOptions): Promise<void> {
  try {
    await sendUpdate(client.workflow.getHandle(start.workflowId), operation, commandId);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    await client.workflow.executeUpdateWithStart(UPDATES[operation], { args: [commandId], updateId: commandId, startWorkflowOperation: new WithStartWorkflowOperation(WORKFLOW_TYPE, start) });
  }
}
