import { CancellationScope, sleep } from '@temporalio/workflow';

/** One timer per deadline, not one per wait: what happens meanwhile leaves it running; another deadline or a moved clock replaces it. */
export class Alarm {
  private key = 'none';
  private scope: CancellationScope | undefined;
  rang = false;

  /** @param waitMs null: nothing is due by itself, no timer at all. */
  set(key: string, waitMs: number | null, summary: string): void {
    if (key === this.key && !this.rang) return;
    this.clear();
    if (waitMs === null) return;
    this.key = key;
    const scope = new CancellationScope();
    this.scope = scope;
    void scope.run(() => sleep(Math.max(1, waitMs), { summary })).then(
      () => { if (this.scope === scope) this.rang = true; },
      () => undefined, // cancelled: replaced or not needed any more
    );
  }

  clear(): void {
    this.scope?.cancel();
    this.scope = undefined;
    this.key = 'none';
    this.rang = false;
  }
}
