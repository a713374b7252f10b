import type { SiteTx } from './unit-of-work.port.js';

export interface TicketRow {
  readonly id: number; readonly requestId: string; readonly issueKey: string; readonly kind: 'comment' | 'transition';
  readonly content: Readonly<Record<string, unknown>>; readonly marker: string; readonly attempts: number;
  /** The audit `seq` of the event behind it; null until it is sealed. */
  readonly seq: number | null;
  readonly needsSeq: boolean;
}
export interface TicketStore<Tx extends SiteTx = SiteTx> {
  /** The oldest queued entry; entries of one issue go out in order. */
  next(tx: Tx, requestId: string): Promise<TicketRow | null>;
  /** Counts the attempt just before it is sent, so that a repeat looks whether the last one got through. */
  begin(tx: Tx, id: number): Promise<void>;
  finish(tx: Tx, id: number, status: 'done' | 'failed', error: string | null): Promise<void>;
  fail(tx: Tx, id: number, error: string): Promise<void>;
  /** Everything is written: a request that is closed needs no more looking after. */
  settled(tx: Tx, requestId: string): Promise<void>;
  /** Requests of intake events that were refused: they have a comment and no workflow. */
  withoutRequest(tx: Tx, limit: number): Promise<readonly string[]>;
}
