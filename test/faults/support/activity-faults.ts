import { z } from 'zod';
import type { WrapActivities } from '../../../src/worker/supervised-worker.js';
import type { TestProduct } from '../../support/product.js';
import { aroundEach } from '../../support/wrap-activities.js';

type Run = () => Promise<unknown>;
export interface ActivityFault { readonly name: string; readonly times: number; readonly play: (run: Run) => Promise<unknown> }

const lost = (when: string): Error => new Error(`the test fails this activity ${when}`);
const once = (name: string, play: ActivityFault['play']): ActivityFault => ({ name, times: 1, play });

const fails = (times: number): ActivityFault => ({ name: `fails before it does anything${times === 1 ? '' : `, ${times} times`}`, times, play: () => Promise.reject(lost('before')) });
const afterEffect = once('done, and its end is lost', async (run) => {
  await run();
  throw lost('after');
});
const twice = once('delivered twice', async (run) => {
  await run();
  return run();
});
const twiceAtOnce = once('delivered twice at once', async (run) => (await Promise.all([run(), run()]))[1]);

/** What the engine may do with an activity that it runs once. */
export const AT_MOST_ONCE: readonly ActivityFault[] = [fails(1), afterEffect, twice];
/** Database steps are besides tried quickly three times, then patiently, and one attempt may still be out when the next begins. */
export const REPEATED: readonly ActivityFault[] = [fails(1), fails(4), afterEffect, twice, twiceAtOnce];

/** One fault waiting for one activity of one request; `ANY` waits for that of whichever comes next. */
interface Armed { readonly activity: string; readonly request: string; readonly fault: ActivityFault; left: number }
export const ANY = 'any';

/** Plays faults on activities. The names that workers register are kept, so that none is forgotten. */
export class ActivityFaults {
  readonly names = new Set<string>();
  private readonly armed: Armed[] = [];
  product: TestProduct | undefined;

  arm(activity: string, request: string, fault: ActivityFault): void {
    this.armed.push({ activity, request, fault, left: fault.times });
  }
  /** Armed and not met. */
  get waiting(): readonly string[] { return this.armed.map(({ activity, request, fault, left }) => `${activity} of ${request}: ${fault.name}, ${left} left`); }

  readonly wrap: WrapActivities = aroundEach(async (name, args, run) => {
    const request = this.armed.some(({ activity }) => activity === name) ? await this.requestOf(name, args) : '';
    const hit = this.armed.find((one) => one.activity === name && (one.request === request || one.request === ANY));
    if (hit === undefined) return run();
    hit.left -= 1;
    if (hit.left === 0) this.armed.splice(this.armed.indexOf(hit), 1);
    return hit.fault.play(run);
  }, (name) => this.names.add(name));

  /** Every activity names its request first, second, or in its order; commands are looked up. */
  private async requestOf(name: string, args: readonly unknown[]): Promise<string> {
    const order = z.object({ requestId: z.string() }).safeParse(args[0]);
    if (order.success) return order.data.requestId;
    if (name !== 'applyCommand') return String(args[1]);
    const [row] = (await this.product?.sql('SELECT request_id FROM command WHERE id = $1', [args[1]])) ?? [];
    return String(row?.['request_id']);
  }
}
