import { z } from 'zod';
import { openJournal } from '../state/journal.js';
import type { Journal } from '../state/journal.js';

const callSchema = z.object({
  seq: z.int(),
  /** When the call arrived. */
  at: z.string(),
  method: z.string(),
  path: z.string(),
  query: z.string(),
  /** 0 when the sandbox hung up without an answer. */
  status: z.int(),
  changed: z.boolean(),
});

export type Call = z.infer<typeof callSchema>;

/** The calls a vendor received, bounded: the oldest fall out. */
export class CallLog {
  private readonly journal: Journal<Call>;
  private calls: Call[];
  private nextSeq: number;

  constructor(file: string | undefined, private readonly bound = 50_000) {
    const { journal, events } = openJournal(file, callSchema);
    this.journal = journal;
    this.calls = events.slice(-bound);
    this.nextSeq = (this.calls.at(-1)?.seq ?? 0) + 1;
    if (events.length > bound) journal.rewrite(this.calls);
  }

  record(call: Omit<Call, 'seq'>): void {
    const entry = { seq: this.nextSeq, ...call };
    this.nextSeq += 1;
    this.calls.push(entry);
    this.journal.append(entry);
    if (this.calls.length >= this.bound * 2) {
      this.calls = this.calls.slice(-this.bound);
      this.journal.rewrite(this.calls);
    }
  }

  /** Calls that arrived at `since` or later; everything when it is absent. Entries are in the order of their answers. */
  since(since: Date | undefined): Call[] {
    const kept = this.calls.slice(-this.bound);
    if (since === undefined) return kept;
    const from = since.toISOString();
    return kept.filter((call) => call.at >= from);
  }

  close(): void {
    this.journal.close();
  }
}
