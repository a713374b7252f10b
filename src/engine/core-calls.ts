import type { Client } from '@temporalio/client';
import { EngineUnavailable } from '../application/ports/api-commands.port.js';
import type { CoreCalls } from '../application/ports/core-calls.port.js';
import type { CoreCallResult } from '../application/core/core-call.js';
import { engineUnavailable } from './engine-errors.js';

/** The admin waits no longer than this; the command may still finish and is found under the same key. Milliseconds. */
const DEADLINE_MS = 25_000;

/** One run of `coreCall` per command, however often it is asked for (DESIGN, commands). */
export function createCoreCalls(client: Client, taskQueue: string): CoreCalls {
  return {
    async execute(siteId, commandId) {
      try {
        return await client.withDeadline(Date.now() + DEADLINE_MS, () => client.workflow.execute<(input: { siteId: string; commandId: string }) => Promise<CoreCallResult | null>>('coreCall', {
          taskQueue, workflowId: `core-call/${siteId}/${commandId}`, args: [{ siteId, commandId }], workflowIdConflictPolicy: 'USE_EXISTING', staticSummary: 'Ask the identity provider for an admin',
        }));
      } catch (error) {
        throw engineUnavailable(error) ? new EngineUnavailable('The workflow engine did not answer in time', { cause: error }) : error;
      }
    },
  };
}
