import { TurnRefused, type Timers } from './pace.js';

/** How long a caller stays away who did not even come to the head of its lane. Milliseconds. */
const RETRY_MS = 1_000;

/** One caller at a time, in the order of arrival; nobody waits longer than until its deadline. */
export class Lane {
  private isBusy = false;
  private readonly waiting: { readonly start: () => void }[] = [];

  constructor(private readonly timers: Timers) {}

  /** @throws {@link TurnRefused} when its place does not come before the deadline or the caller gave up; whatever `work` throws. */
  async run<T>(work: () => Promise<T>, deadlineMs: number, signal: AbortSignal | undefined): Promise<T> {
    if (this.isBusy) await this.place(deadlineMs, signal);
    this.isBusy = true;
    try {
      return await work();
    } finally {
      this.isBusy = false;
      this.waiting.shift()?.start();
    }
  }

  private place(deadlineMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (refused: TurnRefused): void => {
        settle();
        this.waiting.splice(this.waiting.indexOf(caller), 1);
        reject(refused);
      };
      const onAbort = (): void => leave(new TurnRefused(0, 'cancelled'));
      const callOff = this.timers.after(Math.max(0, deadlineMs - this.timers.now()), () => leave(new TurnRefused(RETRY_MS, 'queue')));
      const settle = (): void => {
        callOff();
        signal?.removeEventListener('abort', onAbort);
      };
      const caller = {
        start: () => {
          settle();
          // Before anybody who comes in the meantime.
          this.isBusy = true;
          resolve();
        },
      };
      this.waiting.push(caller);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}
