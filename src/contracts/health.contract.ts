import { z } from 'zod';

const part = z.enum(['up', 'down']);
export const liveAnswer = z.strictObject({ status: z.literal('live') });
/**
 * Which part is away. `notReady` (503): without the database or the engine nothing can be decided. `degraded` (200): the API serves, but no worker of a kind
 * is there, so what it accepts waits; a balancer that took the API away for that would turn a worker's outage into everybody's.
 */
export const readyAnswer = z.strictObject({ status: z.enum(['ready', 'degraded', 'notReady']), parts: z.strictObject({ database: part, engine: part, governanceWorker: part, coreWorker: part }) });
export type ReadyAnswer = z.infer<typeof readyAnswer>;
