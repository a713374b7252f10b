import { z } from 'zod';

/** One field that was refused: where, why, and what would have been accepted. Never repeats what was sent. */
export const fieldError = z.strictObject({ path: z.string(), code: z.string(), message: z.string(), accepted: z.string().optional() });
export type FieldError = z.infer<typeof fieldError>;

/** RFC 9457 problem details with our stable `code` (SPEC §13). */
export const problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string().optional(),
  errors: z.array(fieldError).optional(),
  requestId: z.string(),
});
export type Problem = z.infer<typeof problem>;
