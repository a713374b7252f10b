import { z } from 'zod';

/** Query parts that every list takes. The cursor is opaque; `api/common/cursor.ts` reads it. */
export const pageQuery = {
  limit: z.string().regex(/^[0-9]{1,4}$/, 'expected a whole number').transform(Number).pipe(z.int().min(1).max(200)).default(50),
  cursor: z.string().min(1).max(600).optional(),
};
export const emptyQuery = z.strictObject({});
/** A command that takes no field; `{}` and an empty body are the same. */
export const emptyBody = z.strictObject({});

/** One page of a list, in an order that new rows do not disturb. */
export const page = <T extends z.ZodType>(item: T) => z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });
