import type { z } from 'zod';
import { openJournal } from './journal.js';
import type { Journal } from './journal.js';

/** What a vendor's state must offer to be kept: it changes by events only and can be written down as events. */
export interface EventSourced<E> {
  apply(event: E): void;
  /** The shortest list of events that rebuilds this state. */
  dump(): Iterable<E>;
}

/**
 * Keeps a state over restarts: replays the journal, or plants the seed when there is none, then compacts the file.
 * Every later change goes through `commit`, which writes first and applies second.
 */
export class EventStore<E> {
  private readonly journal: Journal<E>;

  constructor(file: string | undefined, schema: z.ZodType<E>, private readonly state: EventSourced<E>, seed: () => Iterable<E>) {
    const { journal, events } = openJournal(file, schema);
    this.journal = journal;
    for (const event of events.length > 0 ? events : seed()) state.apply(event);
    journal.rewrite(state.dump());
  }

  commit(event: E): void {
    this.journal.append(event);
    this.state.apply(event);
  }

  close(): void {
    this.journal.close();
  }
}
