import { z } from 'zod';

const effect = z.union([
  z.strictObject({
    status: z.int().min(100).max(599),
    headers: z.record(z.string(), z.string()).optional(),
    body: z.unknown().optional(),
  }),
  /** `answer` lets the change happen at once and only the answer late; otherwise the change itself lands late. */
  z.strictObject({ delayMs: z.int().min(0).max(3_600_000), holds: z.enum(['request', 'answer']).default('request') }),
  z.strictObject({ hangUp: z.enum(['before', 'after']) }),
  /** The vendor gets the call twice, as from a gateway that repeats; the second answer is sent. */
  z.strictObject({ delivered: z.literal('twice') }),
]);

export const faultSchema = z.strictObject({
  method: z.string().optional(),
  path: z.string().default('.*'),
  times: z.int().min(1).default(1),
  effect,
});

export type Fault = z.infer<typeof faultSchema>;
export type FaultEffect = Fault['effect'];

interface ArmedFault {
  readonly fault: Fault;
  readonly path: RegExp;
  left: number;
}

/** Faults to play: the first that fits a call and has turns left is used up by one. */
export class FaultPlan {
  private armed: ArmedFault[] = [];

  /** @throws SyntaxError when `path` is no regular expression. */
  add(fault: Fault): void {
    this.armed.push({ fault, path: new RegExp(fault.path), left: fault.times });
  }

  clear(): void {
    this.armed = [];
  }

  take(method: string, path: string, query: string): FaultEffect | undefined {
    if (this.armed.length === 0) return undefined;
    const full = query === '' ? path : `${path}?${query}`;
    const hit = this.armed.find(
      ({ fault, path: wanted }) => (fault.method === undefined || fault.method.toUpperCase() === method) && (wanted.test(path) || wanted.test(full)),
    );
    if (hit === undefined) return undefined;
    hit.left -= 1;
    if (hit.left === 0) this.armed = this.armed.filter((one) => one !== hit);
    return hit.fault.effect;
  }

  list(): (Fault & { left: number })[] {
    return this.armed.map(({ fault, left }) => ({ ...fault, left }));
  }
}
