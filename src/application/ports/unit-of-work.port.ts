import type { AuditDraft } from '../../domain/audit/entry.js';

/** One transaction inside one site. `now` is domain time read in this transaction: for decisions and deadlines only (DESIGN, time). */
export interface SiteTx {
  readonly siteId: string;
  readonly now: Date;
  /** The domain clock's lead over real time in milliseconds; zero outside the sandbox. */
  readonly offsetMs: number;
  /** Writes to the audit outbox; committed or lost together with the change it records (SPEC E2). Returns the event's id. */
  audit(draft: Omit<AuditDraft, 'at'>): Promise<string>;
  /** Runs `work` on a savepoint and undoes everything it wrote: says what a decision would be, without taking it. */
  rehearse<T>(work: () => Promise<T>): Promise<T>;
}

/** @throws the error of the work, after rolling back; DatabaseUnavailable when Postgres can't be reached. */
export interface UnitOfWork<Tx extends SiteTx> {
  /** Runs `work` in one READ COMMITTED transaction with statement and lock time-outs; nothing of it is seen unless it returns. */
  run<T>(siteId: string, work: (tx: Tx) => Promise<T>): Promise<T>;
}

/** Postgres is away, refuses connections or gave up on a lock: the caller repeats with the same idempotency key. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
}
