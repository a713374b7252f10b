import type { Provider } from './identity-provider.port.js';
import type { SiteTx } from './unit-of-work.port.js';

/** What made the product look whether somebody has left. Only a fresh read says that they have. */
export const LEAVER_CAUSES = ['oktaEvent', 'converge', 'reconciliation', 'jiraAccount'] as const;
export type LeaverCause = (typeof LEAVER_CAUSES)[number];
/** `unmapped`: nobody of this site. `unreadable`: given up, the next hint asks again. */
export type HintState = 'pending' | 'confirmed' | 'refuted' | 'unmapped' | 'unreadable';

/** Exactly one of the three names who it is about. */
export interface LeaverHint {
  readonly id: string;
  readonly cause: LeaverCause;
  readonly connectorId: string | null;
  /** A person's id at the provider, sealed for `externalIdentityContext`. */
  readonly sealedIdentity: string | null;
  readonly externalIdentityId: string | null;
  readonly accountId: string | null;
  readonly state: HintState;
  readonly attempts: number;
}
export type NewHint = Omit<LeaverHint, 'state' | 'attempts'> & { /** One hint per key, however often it is heard. */ readonly eventKey: string };

export interface LeaverStore<Tx extends SiteTx = SiteTx> {
  /** False when this was heard before. */
  hint(tx: Tx, hint: NewHint): Promise<boolean>;
  lockHint(tx: Tx, id: string): Promise<LeaverHint | null>;
  /** `accounts`: those whom it was about; their open cases are noted with it. */
  settleHint(tx: Tx, id: string, state: HintState, accounts?: readonly string[]): Promise<void>;
  /** Deletes hints that were settled so many days ago and whose cases are closed; returns how many. */
  pruneHints(tx: Tx, olderThanDays: number): Promise<number>;
  /** `tries`: what the wait costs of those that the hint has. */
  delayHint(tx: Tx, id: string, wait: { readonly retryInMs: number; readonly tries: 0 | 1 }): Promise<void>;
  /** Pending and due, oldest first. */
  dueHints(tx: Tx, limit: number): Promise<readonly string[]>;
  /** What the core worker needs to read this identity; null when the identity or its connector is gone. */
  identity(tx: Tx, externalIdentityId: string): Promise<{ readonly connectorId: string; readonly sealed: string } | null>;
  connector(tx: Tx, connectorId: string): Promise<{ readonly provider: Provider; readonly sealedConfig: string } | null>;
  /** Accounts that are mapped to this identity through a connector of the org or tenant in which this one read it: elsewhere it is nobody, and that says nothing. */
  accountsOf(tx: Tx, identityHash: string, connectorId: string): Promise<readonly string[]>;
  /** Accounts with open grants or pending requests, in the order of their ids. */
  holders(tx: Tx, after: string, limit: number): Promise<readonly string[]>;
  countHolders(tx: Tx): Promise<number>;
  hasAccess(tx: Tx, accountId: string): Promise<boolean>;
  /** Cases of leavers since then, those included that are held. */
  countCases(tx: Tx, since: Date): Promise<{ readonly all: number; readonly held: number }>;
  hasHeldCase(tx: Tx, accountId: string): Promise<boolean>;
}

/** Which connector an event hook belongs to, found without knowing the site; and its secret's hash. */
export interface EventHook { readonly siteId: string; readonly connectorId: string; readonly secretHash: string }
export interface EventHookStore {
  find(connectorId: string): Promise<EventHook | null>;
  put(tx: SiteTx, hook: Omit<EventHook, 'siteId'> & { readonly createdBy: string }): Promise<void>;
}
