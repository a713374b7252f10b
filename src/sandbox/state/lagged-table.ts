interface LagChange {
  readonly at: number;
  readonly ms: number;
}

/** How much later reads show a write, and the clock it is measured by. */
export class ReadLag {
  private readonly changes: LagChange[] = [];

  constructor(readonly now: () => number) {}

  get ms(): number {
    return this.changes.at(-1)?.ms ?? 0;
  }

  change(ms: number): void {
    this.changes.push({ at: this.now(), ms });
  }

  /** How many changes there were so far: tells a write which lag it was made under. */
  get era(): number {
    return this.changes.length;
  }

  /** When readers see a write of that era and time. A shorter lag set later shows it earlier; a longer one never hides it again. */
  visibleAt(writtenAt: number, era: number): number {
    const own = writtenAt + (this.changes[era - 1]?.ms ?? 0);
    return this.changes.slice(era).reduce((soonest, change) => Math.min(soonest, Math.max(change.at, writtenAt + change.ms)), own);
  }
}

interface HiddenWrite<V> {
  readonly before: V | undefined;
  readonly at: number;
  readonly era: number;
}

/**
 * A table whose readers may see the past: vendors answer reads from replicas, so a write that was answered may be
 * invisible for a while. Writers always see the present.
 */
export class LaggedTable<V> {
  private readonly present = new Map<string, V>();
  private readonly hidden = new Map<string, HiddenWrite<V>[]>();
  private sorted: string[] | undefined;

  constructor(private readonly lag: ReadLag) {}

  set(key: string, value: V): void {
    this.remember(key);
    if (!this.present.has(key)) this.sorted = undefined;
    this.present.set(key, value);
  }

  delete(key: string): void {
    if (!this.present.has(key)) return;
    this.remember(key);
    this.present.delete(key);
    this.sorted = undefined;
  }

  current(key: string): V | undefined {
    return this.present.get(key);
  }

  currentEntries(): IterableIterator<[string, V]> {
    return this.present.entries();
  }

  read(key: string): V | undefined {
    const writes = this.hidden.get(key);
    if (writes === undefined) return this.present.get(key);
    const now = this.lag.now();
    const unseen = writes.find((write) => this.lag.visibleAt(write.at, write.era) > now);
    if (unseen !== undefined) return unseen.before;
    this.hidden.delete(key);
    this.sorted = undefined;
    return this.present.get(key);
  }

  /** Keys a reader sees, in the order of the keys: stable for cursors while rows come and go. */
  readKeys(): readonly string[] {
    if (this.hidden.size === 0) {
      this.sorted ??= [...this.present.keys()].sort();
      return this.sorted;
    }
    const all = new Set([...this.present.keys(), ...this.hidden.keys()]);
    return [...all].filter((key) => this.read(key) !== undefined).sort();
  }

  readAll(): V[] {
    const rows: V[] = [];
    for (const key of this.readKeys()) {
      const value = this.read(key);
      if (value !== undefined) rows.push(value);
    }
    return rows;
  }

  private remember(key: string): void {
    if (this.lag.ms === 0 && !this.hidden.has(key)) return;
    const write = { before: this.present.get(key), at: this.lag.now(), era: this.lag.era };
    const earlier = this.hidden.get(key);
    if (earlier === undefined) this.hidden.set(key, [write]);
    else earlier.push(write);
  }
}
