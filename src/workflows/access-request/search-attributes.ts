import { defineSearchAttributeKey } from '@temporalio/common';
import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { Plan } from '../../domain/plan/plan.js';

const KEYS = {
  phase: defineSearchAttributeKey('AccessPhase', 'KEYWORD'),
  pendingStage: defineSearchAttributeKey('PendingStage', 'KEYWORD'),
  expiresAt: defineSearchAttributeKey('ExpiresAt', 'DATETIME'),
  approvalDueAt: defineSearchAttributeKey('ApprovalDueAt', 'DATETIME'),
  needsManualAction: defineSearchAttributeKey('NeedsManualAction', 'BOOL'),
};

/** One upsert per change of phase, with everything that changed: each upsert is an event. Shown to operators, read by no code. */
export function showSearchAttributes(plan: Plan): void {
  const known = workflowInfo().typedSearchAttributes;
  const phase = known.get(KEYS.phase) === plan.phase;
  const stage = (known.get(KEYS.pendingStage) ?? null) === plan.search.pendingStage;
  const manual = (known.get(KEYS.needsManualAction) ?? false) === plan.search.needsManualAction;
  const expires = sameInstant(known.get(KEYS.expiresAt), plan.search.expiresAt);
  if (phase && stage && manual && (expires || plan.ended)) return;
  upsertSearchAttributes([
    { key: KEYS.phase, value: plan.phase },
    { key: KEYS.pendingStage, value: plan.search.pendingStage },
    { key: KEYS.expiresAt, value: date(plan.search.expiresAt) },
    { key: KEYS.approvalDueAt, value: date(plan.search.approvalDueAt) },
    { key: KEYS.needsManualAction, value: plan.search.needsManualAction },
  ]);
}
const date = (iso: string | null): Date | null => (iso === null ? null : new Date(iso));
const sameInstant = (known: Date | undefined, wanted: string | null): boolean => (known?.getTime() ?? null) === (date(wanted)?.getTime() ?? null);
