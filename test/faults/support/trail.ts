import { z } from 'zod';
import type { TestProduct } from '../../support/product.js';

const eventShape = z.object({ seq: z.coerce.number(), action: z.string(), body: z.object({ subject: z.record(z.string(), z.string()), data: z.record(z.string(), z.unknown()) }) });
export type TrailEvent = z.infer<typeof eventShape>;

/** The sealed events of one request, in the order of the trail. */
export async function trailOf(product: TestProduct, requestId: string): Promise<readonly TrailEvent[]> {
  return z.array(eventShape).parse(await product.sql('SELECT seq, action, body::json AS body FROM audit_event WHERE request_id = $1 ORDER BY seq', [requestId]));
}

const ENDS = new Set(['membership.added', 'membership.removed', 'membership.unchanged', 'membership.outcome_resolved', 'membership.read', 'membership.refused']);
/** What is wrong with the intents of a request: each is committed once, ends once, in that order, and is unknown at most once before (N4). Empty: nothing. */
export function intentFaults(trail: readonly TrailEvent[]): readonly string[] {
  const intents = new Map<string, string[]>();
  for (const { action, body } of trail) {
    const { intentId } = body.subject;
    if (intentId !== undefined) intents.set(intentId, [...(intents.get(intentId) ?? []), action]);
  }
  return [...intents].flatMap(([id, actions]) => {
    const short = actions.map((action) => (action === 'membership.intent_committed' ? 'intent' : action === 'membership.outcome_unknown' ? 'unknown' : ENDS.has(action) ? 'end' : action)).join(' ');
    return short === 'intent end' || short === 'intent unknown end' ? [] : [`${id}: ${actions.join(', ')}`];
  });
}
