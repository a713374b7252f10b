import type { Client } from '@temporalio/client';
import { EngineUnavailable } from '../application/ports/api-commands.port.js';
import { massActionWorkflowId, type MassActionEngine } from '../application/ports/mass-action-engine.port.js';
import { lookSignal, MASS_ACTION_WORKFLOW, type MassActionInput } from '../workflows/mass-action/messages.js';
import { engineUnavailable } from './engine-errors.js';

const DEADLINE_MS = 5_000;

export function createMassActionEngine(client: Client, taskQueue: string): MassActionEngine {
  return {
    async run(siteId, id, source) {
      const input: MassActionInput = { siteId, massActionId: id };
      try {
        await client.withDeadline(Date.now() + DEADLINE_MS, () => client.workflow.signalWithStart(MASS_ACTION_WORKFLOW, {
          taskQueue, workflowId: massActionWorkflowId(siteId, id, source), args: [input], workflowIdConflictPolicy: 'USE_EXISTING', signal: lookSignal, signalArgs: [],
          staticSummary: source === 'leaver' ? 'End the access of a person who left' : 'Kill switch',
        }));
      } catch (error) {
        throw engineUnavailable(error) ? new EngineUnavailable('The workflow engine did not answer (mass action)', { cause: error }) : error;
      }
    },
  };
}
