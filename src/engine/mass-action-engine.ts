import type { Client } from '@temporalio/client';
import { EngineUnavailable } from '../application/ports/api-commands.port.js';
import { massActionWorkflowId, type MassActionEngine } from '../application/ports/mass-action-engine.port.js';
import type { LeaverCheckInput } from '../workflows/leavers/messages.js';
import { lookSignal, MASS_ACTION_WORKFLOW, type MassActionInput } from '../workflows/mass-action/messages.js';
import { engineUnavailable } from './engine-errors.js';

const DEADLINE_MS = 5_000;

export function createMassActionEngine(client: Client, taskQueue: string): MassActionEngine {
  const guarded = async (what: string, call: () => Promise<unknown>): Promise<void> => {
    try {
      await client.withDeadline(Date.now() + DEADLINE_MS, call);
    } catch (error) {
      throw engineUnavailable(error) ? new EngineUnavailable(`The workflow engine did not answer (${what})`, { cause: error }) : error;
    }
  };
  return {
    async run(siteId, id, source) {
      const input: MassActionInput = { siteId, massActionId: id };
      await guarded('mass action', () => client.workflow.signalWithStart(MASS_ACTION_WORKFLOW, {
        taskQueue, workflowId: massActionWorkflowId(siteId, id, source), args: [input], workflowIdConflictPolicy: 'USE_EXISTING', signal: lookSignal, signalArgs: [],
        staticSummary: source === 'leaver' ? 'End the access of a person who left' : 'Kill switch',
      }));
    },
    async checkLeaver(siteId, hintId) {
      const input: LeaverCheckInput = { siteId, hintId };
      await guarded('leaver check', () => client.workflow.start('leaverCheck', { taskQueue, workflowId: `leaver-check/${siteId}/${hintId}`, args: [input], workflowIdConflictPolicy: 'USE_EXISTING', staticSummary: 'Whether somebody has left' }));
    },
  };
}
