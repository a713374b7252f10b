import type { ConvergeOrder } from '../../domain/plan/plan.js';
import type { ConvergeResult } from '../../domain/provisioning/provisioning.js';
import type { CoreCallOrder, CoreCallResult } from '../core/core-call.js';

/** What the workflow does next for a run. Plain JSON; it crosses the engine. */
export type ReconciliationStep =
  | { readonly kind: 'ended'; readonly recordId: string | null; readonly status: string }
  | { readonly kind: 'ask'; readonly recordId: string; readonly step: number; readonly order: CoreCallOrder; readonly summary: string }
  | { readonly kind: 'converge'; readonly recordId: string; readonly step: number; readonly order: ConvergeOrder }
  /** Commands to requests, which are delivered outside a transaction. */
  | { readonly kind: 'deliver'; readonly recordId: string; readonly step: number }
  | { readonly kind: 'wait'; readonly recordId: string; readonly step: number; readonly waitMs: number };
export type StepAnswer = { readonly kind: 'asked'; readonly result: CoreCallResult } | { readonly kind: 'converged'; readonly result: ConvergeResult } | { readonly kind: 'done' };
/** How the step that was out ended; an answer to an older one changes nothing. */
export interface StepReport { readonly recordId: string; readonly step: number; readonly answer: StepAnswer }
