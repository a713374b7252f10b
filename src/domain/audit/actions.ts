/**
 * Every audit action there is (SPEC E10): a closed list, `noun.past_tense`, sorted. The value is the name that the
 * reference product's exports use for the same event, where it has one; exports carry both names.
 * Every action has a writer. Once released, one is never renamed or removed: entries that carry it have been hashed.
 */
const ACTION_TABLE = {
  'approval.breached': null,
  'approval.escalated': null,
  'approval.reminded': null,
  'audit.key_rotated': null,
  'audit.quarantined': null,
  'audit.verified': null,
  'authorization.refused': null,
  'catalog.seeded': null,
  'clock.advanced': null,
  'command.refused': null,
  'connector.created': null,
  'connector.deleted': null,
  'connector.disabled': null,
  'connector.enabled': null,
  'connector.refused': null,
  'connector.tested': null,
  'connector.updated': null,
  'decision.refused': null,
  'defaults.updated': null,
  'engine.rebuilt': null,
  'grant.activated': null,
  'grant.created': 'grant_created',
  'grant.ended': null,
  'grant.expired': null,
  'grant.extended': null,
  'grant.held': null,
  'grant.returned': null,
  'grant.revoked': null,
  'group.assignment_confirmed': null,
  'group.bound': null,
  'group.created': null,
  'group.refused': null,
  'guardrails.updated': null,
  'intake.duplicate': null,
  'intake.received': null,
  'intake.refused': null,
  'job.dead_lettered': null,
  'job.queued': null,
  'job.retried': null,
  'job.succeeded': null,
  'job.superseded': null,
  'manual_action.breached': null,
  'manual_action.completed': null,
  'manual_action.obsoleted': null,
  'manual_action.opened': null,
  'manual_action.refused': null,
  'mapping.created': null,
  'mapping.deleted': null,
  'mapping.refused': null,
  'mapping.resolved': null,
  'mapping.updated': null,
  'membership.added': null,
  'membership.intent_committed': null,
  'membership.outcome_resolved': null,
  'membership.outcome_unknown': null,
  'membership.read': null,
  'membership.refused': null,
  'membership.removed': null,
  'membership.unchanged': null,
  'policy.created': null,
  'policy.deleted': null,
  'policy.evaluated': null,
  'policy.updated': null,
  'project.created': null,
  'project.deleted': null,
  'project.updated': null,
  'request.approved': 'request_approved',
  'request.auto_approved': 'request_approved',
  'request.created': null,
  'request.denied': 'request_denied',
  'request.groups_read': null,
  'request.lapsed': null,
  'request.refused': null,
  'request.withdrawn': null,
  'review.recorded': null,
  'settings.updated': null,
  'sign_in.refused': null,
  'sweep.ran': null,
  'ticket.commented': null,
  'ticket.failed': null,
  'ticket.transitioned': null,
  'tool.created': null,
  'tool.deleted': null,
  'tool.updated': null,
} as const;

export type AuditAction = keyof typeof ACTION_TABLE;

export const isAuditAction = (text: string): text is AuditAction => Object.hasOwn(ACTION_TABLE, text);

/** All actions, sorted. */
export const AUDIT_ACTIONS: readonly AuditAction[] = Object.keys(ACTION_TABLE).filter(isAuditAction);

/** The reference's name of the action (`request.denied` → `request_denied`), or null where the reference names none (SPEC E10). */
export const referenceActionName = (action: AuditAction): string | null => ACTION_TABLE[action];

/** The reference's decision source: what a policy decided by itself is `auto-policy` there; other sources have no name in it (SPEC E10). */
export const referenceSourceName = (actorKind: string): 'auto-policy' | null => (actorKind === 'policy' ? 'auto-policy' : null);
