import { setTimeout as sleep } from 'node:timers/promises';
import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import type { Operation } from '../domain/request/operations.js';
import { UPDATES, type CommandResult } from '../workflows/access-request/messages.js';

/** gRPC: failed precondition. */
const TASK_FAILED = new Set<number>([9]);
/** A run is through with its change, or its task is tried again, well within these. Milliseconds. */
const PAUSES_MS = [25, 100, 400] as const;

/** A handle of a run. */
export interface TakesUpdates {
  executeUpdate(definition: (typeof UPDATES)[Operation], options: { readonly args: [commandId: string]; readonly updateId: string }): Promise<CommandResult>;
}

/**
 * One command, by its id, to a run. The engine refuses an update when a task of the run fails under it, as it does when the run continues as new at that moment: nothing
 * was taken then, and the same update (the command's id is its id) is taken a moment later, by the next run if need be. `pause` waits so many
 * milliseconds. @throws what the engine says in the end
 */
export async function sendUpdate(handle: TakesUpdates, operation: Operation, commandId: string, pause: (ms: number) => Promise<unknown> = sleep): Promise<CommandResult> {
  for (const pauseMs of PAUSES_MS) {
    try {
      return await handle.executeUpdate(UPDATES[operation], { args: [commandId], updateId: commandId });
    } catch (error) {
      if (!taskFailed(error)) throw error;
      await pause(pauseMs);
    }
  }
  return handle.executeUpdate(UPDATES[operation], { args: [commandId], updateId: commandId });
}

function taskFailed(error: unknown): boolean {
  if (isGrpcServiceError(error)) return TASK_FAILED.has(error.code);
  return error instanceof ServiceError && error.cause !== undefined && taskFailed(error.cause);
}
