import { z } from 'zod';

const part = z.enum(['up', 'down']);
export const liveAnswer = z.strictObject({ status: z.literal('live') });
/** Which part is away; 503 unless all are up. */
export const readyAnswer = z.strictObject({ status: z.enum(['ready', 'notReady']), parts: z.strictObject({ database: part, engine: part }) });
export type ReadyAnswer = z.infer<typeof readyAnswer>;
