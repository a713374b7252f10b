import { z } from 'zod';
import { id, instant, line } from './primitives.js';

/** The secret that the Okta org sends in `Authorization` with each event; only its hash is kept. */
export const putEventHookBody = z.strictObject({ secret: line(256).refine((text) => text.length >= 24, { error: 'must have at least 24 characters', params: { reason: 'too_short' } }) });
export type PutEventHookBody = z.output<typeof putEventHookBody>;
export const eventHookView = z.strictObject({ connectorId: id, path: z.string(), authenticationField: z.string(), setAt: instant });
export type EventHookView = z.infer<typeof eventHookView>;

/** Okta's event hook, of which only this much is looked at (developer.okta.com, event hooks): everything else is Okta's to change. */
export const oktaEvents = z.object({
  data: z.object({ events: z.array(z.object({ uuid: z.string().min(1).max(128), eventType: z.string().max(256), target: z.array(z.object({ id: z.string().max(256), type: z.string().max(64) })).nullish() })).max(1_000) }),
});
export type OktaEvents = z.output<typeof oktaEvents>;
