/**
 * Lets a few decisions on one request through to the engine at a time, in order of arrival. An engine takes ten updates in flight per run and aborts
 * the rest, which then come back for seconds; the ones that waited here mostly find the request decided in Postgres and never go there (DESIGN, commands).
 */
export class Turnstile {
  private readonly waiting = new Map<string, { passing: number; queue: (() => void)[] }>();

  constructor(private readonly width: number) {}

  /** `waited`: whether others went first, so that the caller looks at the record once more. */
  async pass<T>(key: string, work: (waited: boolean) => Promise<T>): Promise<T> {
    const gate = this.waiting.get(key) ?? { passing: 0, queue: [] };
    this.waiting.set(key, gate);
    const waited = gate.passing >= this.width;
    if (waited) await new Promise<void>((resolve) => gate.queue.push(resolve));
    else gate.passing += 1;
    try {
      return await work(waited);
    } finally {
      const next = gate.queue.shift();
      if (next !== undefined) next();
      else {
        gate.passing -= 1;
        if (gate.passing === 0) this.waiting.delete(key);
      }
    }
  }
}
