import type { SiteTx } from './unit-of-work.port.js';

export interface IntakeEvent {
  readonly id: string; readonly issueKey: string; readonly issueId: string | null; readonly outcome: 'accepted' | 'started' | 'refused'; readonly reason: string | null;
  readonly requestId: string | null; readonly attempts: number; readonly receivedAt: Date;
}
export interface IntakeStore<Tx extends SiteTx = SiteTx> {
  /** Commits the delivery first (SPEC I3): `mine` for the one delivery that made the row; the others are duplicates of it. */
  receive(tx: Tx, event: { readonly id: string; readonly issueKey: string; readonly issueId: string | null; readonly retryInMs: number }): Promise<{ readonly mine: boolean; readonly event: IntakeEvent }>;
  lock(tx: Tx, id: string): Promise<IntakeEvent | null>;
  update(tx: Tx, id: string, patch: { readonly outcome?: IntakeEvent['outcome']; readonly reason?: string; readonly requestId?: string; readonly issueId?: string; readonly attempts?: number; readonly retryInMs?: number | null }): Promise<void>;
  /** Events whose time to be tried again has come; real time. */
  due(tx: Tx, limit: number): Promise<readonly IntakeEvent[]>;
}
