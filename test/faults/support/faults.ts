import type { FaultOrder } from '../../support/vendor.js';

/** What may go wrong with one call to a vendor (facts of the vendors' contracts; time-outs of our clients are 10 s). */
export interface Fault {
  readonly name: string;
  readonly effect: FaultOrder['effect'] | (() => FaultOrder['effect']);
  /** How often it strikes before it is over; a credential that stays wrong does so more than once. */
  readonly times?: number;
}

const inSeconds = (seconds: number): number => Date.now() + seconds * 1_000;

export const FAULTS = [
  { name: '500', effect: { status: 500 } },
  { name: '503', effect: { status: 503 } },
  { name: '429, Retry-After in seconds', effect: { status: 429, headers: { 'Retry-After': '1' } } },
  { name: '429, Retry-After as a date', effect: () => ({ status: 429, headers: { 'Retry-After': new Date(inSeconds(2)).toUTCString() } }) },
  { name: '429, Retry-After: 0', effect: { status: 429, headers: { 'Retry-After': '0' } } },
  { name: '429, X-Rate-Limit-Reset', effect: () => ({ status: 429, headers: { 'X-Rate-Limit-Reset': String(Math.ceil(inSeconds(1) / 1_000)) } }) },
  { name: '401, twice', effect: { status: 401 }, times: 2 },
  { name: '403, twice', effect: { status: 403 }, times: 2 },
  { name: "404 in the vendor's words", effect: { status: 404 } },
  { name: '404 of somebody else', effect: { status: 404, headers: { 'Content-Type': 'text/html' }, body: '<html>no such page</html>' } },
  { name: 'a slow answer', effect: { delayMs: 1_500, holds: 'answer' } },
  { name: 'an answer after the time-out', effect: { delayMs: 13_000, holds: 'answer' } },
  { name: 'done after the time-out', effect: { delayMs: 13_000, holds: 'request' } },
  { name: 'hang-up before the effect', effect: { hangUp: 'before' } },
  { name: 'hang-up after the effect', effect: { hangUp: 'after' } },
  { name: '200 with text', effect: { status: 200, body: '<html>maintenance</html>' } },
  { name: '200 with other JSON', effect: { status: 200, body: {} } },
] as const satisfies readonly Fault[];
export type FaultName = (typeof FAULTS)[number]['name'];

/** One call on the way, told from others by method, path and how many like it come before. */
export interface Call {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly skip?: number;
}

/** The orders that let `skip` calls pass and then strike. A delay of nothing is how the sandbox counts a call without harming it. */
export function ordersFor(call: Call, fault: Fault): readonly FaultOrder[] {
  const at = { method: call.method, path: call.path };
  const strike: FaultOrder = { ...at, times: fault.times ?? 1, effect: typeof fault.effect === 'function' ? fault.effect() : fault.effect };
  return call.skip === undefined ? [strike] : [{ ...at, times: call.skip, effect: { delayMs: 0 } }, strike];
}
