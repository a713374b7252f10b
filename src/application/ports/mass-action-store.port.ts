import type { ItemKind, ItemOutcome, MassActionCounts, MassActionMode, MassActionStatus, MassActionTarget, RestoreStatus } from '../../domain/mass-action/mass-action.js';
import type { Keyset, Rows } from './api-queries.port.js';
import type { RunLabels } from './engine.port.js';
import type { SiteTx } from './unit-of-work.port.js';

export interface MassActionRow extends MassActionTarget {
  readonly id: string;
  readonly reason: string;
  readonly mode: MassActionMode;
  readonly status: MassActionStatus;
  readonly restoreStatus: RestoreStatus;
  /** Account of the admin, or what found a leaver. */
  readonly requestedBy: string;
  readonly confirmedBy: string | null;
  readonly restoredBy: string | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
  readonly restoredAt: Date | null;
}
export interface MassActionItemRow {
  readonly requestId: string;
  readonly grantId: string | null;
  readonly kind: ItemKind;
  readonly accountId: string;
  readonly toolKey: string;
  readonly remainingMs: number | null;
  readonly outcome: ItemOutcome | null;
  readonly stoppedAt: Date | null;
  readonly restoreOutcome: string | null;
  readonly restoredAt: Date | null;
  readonly grantStatus: string | null;
  readonly endEvidence: string | null;
  readonly endedAt: Date | null;
}
/** A request that a mass action has a command for. `restoresBlocked`: how often another block has refused its restore. */
export interface MassActionWork { readonly requestId: string; readonly labels: RunLabels; readonly restoresBlocked: number }

export interface MassActionStore<Tx extends SiteTx = SiteTx> {
  /** Waits for every decision that is under way; the later ones wait for this transaction (ADR 0012). Before anything else is locked. */
  closeGate(tx: Tx): Promise<void>;
  insert(tx: Tx, row: MassActionRow): Promise<void>;
  find(tx: Tx, id: string): Promise<MassActionRow | null>;
  lock(tx: Tx, id: string): Promise<MassActionRow | null>;
  update(tx: Tx, id: string, patch: Partial<Pick<MassActionRow, 'status' | 'restoreStatus' | 'confirmedBy' | 'restoredBy' | 'finishedAt' | 'restoredAt'>>): Promise<void>;
  /** Whether a block of the same target and source is in force. */
  inForce(tx: Tx, target: MassActionTarget): Promise<boolean>;
  insertBlock(tx: Tx, block: MassActionTarget & { readonly id: string; readonly massActionId: string; readonly reason: string; readonly createdAt: Date }): Promise<void>;
  endBlock(tx: Tx, massActionId: string): Promise<void>;
  /** Whether there is anything by this name: a tool or connector of the catalog, or requests that name it. */
  targetExists(tx: Tx, target: MassActionTarget): Promise<boolean>;
  /** Lists what is open in the scope and not listed yet; returns how many items that added. */
  listItems(tx: Tx, massAction: MassActionTarget & { readonly id: string }): Promise<number>;
  counts(tx: Tx, id: string): Promise<MassActionCounts>;
  /** Items without an outcome, in the order of their requests. */
  toStop(tx: Tx, id: string, after: string, limit: number): Promise<readonly MassActionWork[]>;
  /** Stopped grants that are not over yet. */
  toEnd(tx: Tx, id: string, after: string, limit: number): Promise<readonly MassActionWork[]>;
  /** Stopped grants that are over, have no restore outcome and are not stopped by a block besides. */
  toRestore(tx: Tx, id: string, after: string, limit: number): Promise<readonly MassActionWork[]>;
  /** Stopped grants without a restore outcome, those included that are still being removed and not those that another block stops. */
  unrestored(tx: Tx, id: string): Promise<number>;
  /** What has no outcome stays as it is: a restore came first. */
  spareRest(tx: Tx, id: string): Promise<number>;
  /** To call when a block was ended: restores that only waited for that are running again; returns their mass actions. */
  resumeRestores(tx: Tx): Promise<readonly MassActionRow[]>;
  /** Ids of mass actions that have work to do. */
  open(tx: Tx): Promise<readonly { readonly id: string; readonly source: MassActionTarget['source'] }[]>;
  list(tx: Tx, query: { readonly source?: string | undefined; readonly status?: string | undefined; readonly scope?: string | undefined; readonly key?: string | undefined; readonly limit: number; readonly after: Keyset | null }): Promise<Rows<MassActionRow>>;
  items(tx: Tx, id: string, query: { readonly limit: number; readonly after: Keyset | null }): Promise<Rows<MassActionItemRow>>;
}
