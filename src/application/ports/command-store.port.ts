import type { SiteTx } from './unit-of-work.port.js';

/** A command as it is recorded: unique by site, actor, method and path, key, and for bulk the item (DESIGN, commands). */
export interface NewCommand {
  readonly id: string;
  readonly actor: string;
  readonly methodPath: string;
  readonly idempotencyKey: string;
  readonly item: string;
  readonly bodyHash: string;
  readonly operation: string;
  readonly requestId: string | null;
  /** Ids and choices; no secret and no external identity in clear. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** What it carries under seal until it has its result: kept beside the payload, where a rotation of keys finds it. `field` as in the seal's context. */
  readonly sealed?: { readonly field: string; readonly value: string };
}
export interface StoredCommand {
  readonly id: string;
  readonly actor: string;
  readonly operation: string;
  readonly bodyHash: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** Null when it carries none, or has its result. */
  readonly sealed: string | null;
  /** HTTP status of the stored result; null while there is none. */
  readonly status: number | null;
  /** Body of a success, or the refusal when the status is 400 or more. */
  readonly result: unknown;
}

export interface CommandStore {
  /** Writes the row or finds the one with the same key, and holds its lock until the transaction ends: two calls with one key follow each other. */
  claim(tx: SiteTx, command: NewCommand): Promise<StoredCommand>;
  /** The row of a key that was used before, unlocked; null when it is new. */
  find(tx: SiteTx, key: Pick<NewCommand, 'actor' | 'methodPath' | 'idempotencyKey' | 'item'>): Promise<StoredCommand | null>;
  lockById(tx: SiteTx, commandId: string): Promise<StoredCommand | null>;
  /** What was sealed goes with it. */
  storeResult(tx: SiteTx, commandId: string, status: number, result: unknown): Promise<void>;
}
