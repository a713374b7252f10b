import type { AuditActor } from '../../../domain/audit/entry.js';
import type { Result } from '../../../domain/kernel/result.js';
import type { ConvergeOrder } from '../../../domain/plan/plan.js';
import type { ConvergeResult } from '../../../domain/provisioning/provisioning.js';
import type { Refusal } from '../../../domain/refusal.js';
import type { AccessCase } from '../access-case.js';

export interface Caller { readonly accountId: string; readonly isAdmin: boolean }
/** Stored with the command row: the caller as proven at the edge, and the checked input. */
export type CommandPayload =
  | { readonly operation: 'decide'; readonly caller: Caller; readonly decision: 'approve' | 'deny'; readonly comment: string | null; readonly durationDays: number | null }
  | { readonly operation: 'withdraw'; readonly caller: Caller; readonly comment: string | null }
  | { readonly operation: 'revoke' | 'return'; readonly caller: Caller; readonly comment: string | null }
  | { readonly operation: 'extend'; readonly caller: Caller; readonly durationDays: number; readonly reason: string }
  | { readonly operation: 'completeManualAction'; readonly caller: Caller; readonly manualActionId: string; readonly outcome: 'fulfilled' | 'deprovisioned' | 'verified'; readonly note: string | null }
  | { readonly operation: 'retryProvisioning'; readonly caller: Caller; readonly jobId: string }
  /** Reconciliation's: the provider was read and the person is not there any more, or is there again (SPEC D1, D2). */
  | { readonly operation: 'revokeDrifted' | 'removeAgain'; readonly caller: Caller; readonly findingId: string }
  /** Items of a mass action; never sent by the edge. The caller is the product itself. */
  | { readonly operation: 'stop'; readonly caller: Caller; readonly massActionId: string }
  | { readonly operation: 'restore'; readonly caller: Caller; readonly massActionId: string };

/** Who a command is from: reconciliation and mass actions are nobody's account. */
const PRODUCTS_OWN = new Set<string>(['revokeDrifted', 'removeAgain', 'stop', 'restore']);
export const actorOfCommand = (operation: string, accountId: string): AuditActor =>
  PRODUCTS_OWN.has(operation) ? { kind: 'system', name: accountId } : { kind: 'person', accountId };

/** What the caller learns besides the state of the request, which is read afterwards. */
export type CommandAnswer = Readonly<Record<string, string | number | boolean | null>>;

/** A command that needs one read of the provider before it can be decided says so; the workflow reads and calls again with the result. */
export type Applied = { readonly kind: 'done'; readonly answer: CommandAnswer } | { readonly kind: 'needsRead'; readonly order: ConvergeOrder };
export type ApplyCommand<P extends CommandPayload> = (c: AccessCase, payload: P, read: ConvergeResult | null) => Promise<Result<Applied, Refusal>>;

export const done = (answer: CommandAnswer = {}): Applied => ({ kind: 'done', answer });
