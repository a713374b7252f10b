import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { EngineUnavailable } from '../application/ports/api-commands.port.js';
import type { MappingImportEngine } from '../application/ports/mapping-import.port.js';
import { MAPPING_IMPORT_WORKFLOW, mappingImportIdOf, type MappingImportInput } from '../workflows/mapping-import/messages.js';
import { engineUnavailable } from './engine-errors.js';

const DEADLINE_MS = 5_000;

const unavailable = (error: unknown): unknown => (engineUnavailable(error) ? new EngineUnavailable('The workflow engine did not answer (mapping import)', { cause: error }) : error);

/** One run for one import; one that is there goes on. */
export function createMappingImportEngine(client: Client, taskQueue: string): MappingImportEngine {
  return {
    async run(siteId, importId) {
      const input: MappingImportInput = { siteId, importId };
      try {
        await client.withDeadline(Date.now() + DEADLINE_MS, () => client.workflow.start(MAPPING_IMPORT_WORKFLOW, {
          taskQueue, workflowId: mappingImportIdOf(siteId, importId), args: [input], workflowIdConflictPolicy: 'USE_EXISTING', staticSummary: 'Import identity mappings',
        }));
      } catch (error) {
        throw unavailable(error);
      }
    },
    async stop(siteId, importId) {
      try {
        await client.withDeadline(Date.now() + DEADLINE_MS, () => client.workflow.getHandle(mappingImportIdOf(siteId, importId)).cancel());
      } catch (error) {
        // It is over already, or was lost.
        if (!(error instanceof WorkflowNotFoundError)) throw unavailable(error);
      }
    },
  };
}
