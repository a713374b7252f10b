import { setTimeout as pause } from 'node:timers/promises';
import { StackError } from './stack-error.js';

/** A process that was started and is ready. */
export interface Running {
  readonly pid: number;
  /** Settles when it has ended, for whatever reason; never rejects. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export interface SupervisorOptions {
  /** One sentence a time: what ended by itself, what was started again. */
  readonly onEvent: (sentence: string) => void;
  /** Told of every process that runs, under its name, and again (with null) when it has ended. */
  readonly onProcess?: (name: string, pid: number | null) => void;
  /** First wait before a restart; it doubles up to `maxBackoffMs` and starts again after a minute of health. Milliseconds. */
  readonly backoffMs?: number;
  readonly maxBackoffMs?: number;
}

interface Kept {
  readonly name: string;
  readonly wave: number;
  current: Running | null;
  /** Settles when nothing of it runs any more and nothing will be started. */
  watch: Promise<void>;
}

const HEALTHY_MS = 60_000;
const STARTING_MS = 10_000;

/** Keeps processes running: starts again what ends by itself, and ends all of them in their order. */
export class Supervisor {
  readonly #kept: Kept[] = [];
  readonly #beginning = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: SupervisorOptions) {}

  // A method: the compiler takes a property for unchanged across an await.
  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /**
   * Starts something and keeps it running from then on.
   * @param wave those of a higher wave are ended before those of a lower one, those of the same wave together
   * @param start starts it and resolves when it is ready; called again with the same closure after it ended by itself
   * @throws what the first `start` throws; later failures are repeated with back-off
   */
  run<T extends Running>(name: string, wave: number, start: () => Promise<T>): Promise<T> {
    const begun = this.#begin(name, wave, start);
    const settled = begun.then(() => undefined, () => undefined).finally(() => this.#beginning.delete(settled));
    this.#beginning.add(settled);
    return begun;
  }

  async #begin<T extends Running>(name: string, wave: number, start: () => Promise<T>): Promise<T> {
    if (this.#isStopping()) throw new StackError('This run is being stopped.', 'Start again.');
    const first = await start();
    const kept: Kept = { name, wave, current: first, watch: Promise.resolve() };
    this.options.onProcess?.(name, first.pid);
    this.#kept.push(kept);
    kept.watch = this.#keep(kept, start);
    // Stopping may have begun while this one was starting: it is ended with the others, not left behind.
    if (this.#isStopping()) await this.#end(kept);
    return first;
  }

  /** Ends everything, wave by wave, and starts nothing any more. Asked again it waits for the same end. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  async #stopAll(): Promise<void> {
    this.#stopping.abort();
    // What is still starting ends itself as soon as it has started; a start that hangs must not hold up the rest.
    await Promise.race([Promise.all(this.#beginning), pause(STARTING_MS, undefined, { ref: false })]);
    const waves = [...new Set(this.#kept.map(({ wave }) => wave))].sort((a, b) => b - a);
    for (const wave of waves) await Promise.all(this.#kept.filter((kept) => kept.wave === wave).map((kept) => this.#end(kept)));
  }

  async #end(kept: Kept): Promise<void> {
    await kept.current?.stop();
    await kept.watch;
  }

  async #keep(kept: Kept, start: () => Promise<Running>): Promise<void> {
    const { backoffMs = 500, maxBackoffMs = 30_000, onEvent, onProcess } = this.options;
    let wait = backoffMs;
    while (kept.current !== null) {
      const since = performance.now();
      await kept.current.ended;
      kept.current = null;
      onProcess?.(kept.name, null);
      if (performance.now() - since > HEALTHY_MS) wait = backoffMs;
      if (!this.#isStopping()) onEvent(`${kept.name} has ended by itself.`);
      while (kept.current === null && !this.#isStopping()) {
        onEvent(`Starting ${kept.name} again in ${wait / 1000} s.`);
        await pause(wait, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
        wait = Math.min(wait * 2, maxBackoffMs);
        kept.current = await this.#tryStart(kept.name, start);
      }
    }
  }

  async #tryStart(name: string, start: () => Promise<Running>): Promise<Running | null> {
    if (this.#isStopping()) return null;
    try {
      const running = await start();
      this.options.onProcess?.(name, running.pid);
      if (this.#isStopping()) await running.stop();
      else this.options.onEvent(`${name} runs again.`);
      return running;
    } catch (error) {
      this.options.onEvent(`${name} does not start: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  }
}
