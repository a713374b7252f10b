import { REFUSAL_STATUS, type RefusalCode } from '../domain/refusal.js';
import type { FieldError } from './problem.contract.js';

/**
 * Codes that the domain does not know: what is wrong with a message before any rule looks at it, what the administration of tools, connectors, mappings and
 * settings refuses, and what is wrong with us (SPEC §13). Codes of decisions on access are in the domain's table; the two never overlap.
 */
export const EDGE_STATUS = {
  'request_line.invalid': 400,
  'body.malformed': 400,
  'body.duplicate_key': 400,
  'body.forbidden_key': 400,
  'body.too_deep': 400,
  'body.too_large': 413,
  'content_type.unsupported': 415,
  'query.invalid': 400,
  'query.unknown': 400,
  'cursor.invalid': 400,
  'idempotency.key_invalid': 400,
  'if_match.invalid': 400,
  'if_match.required': 428,
  'if_match.stale': 412,
  'rate.limited': 429,
  'auth.missing': 401,
  'auth.invalid': 401,
  'auth.keys_unavailable': 503,
  'signature.missing': 401,
  'signature.malformed': 401,
  'signature.components_missing': 401,
  'signature.algorithm_refused': 401,
  'signature.unknown_key': 401,
  'signature.invalid': 401,
  'signature.digest_mismatch': 401,
  'signature.expired': 401,
  'signature.clock_skew': 401,
  'signature.replayed': 401,
  'order.other_site': 403,
  'order.key_reused': 422,
  'site.not_found': 404,
  'core.busy': 503,
  'route.not_found': 404,
  'tool.key_taken': 409,
  'tool.in_use': 409,
  'tool.api_platform': 422,
  'tool.has_roles': 409,
  'tool_role.not_found': 404,
  'tool_role.key_taken': 409,
  'tool_role.in_use': 409,
  'tool_role.not_connected': 422,
  'tool_role.too_many': 422,
  'connector.not_found': 404,
  'connector.in_use': 409,
  'connector.name_taken': 409,
  'connector.url_not_allowed': 422,
  'connector.wrong_provider': 422,
  'connector.unreachable': 422,
  'connector.key_unusable': 422,
  'connector.credential_refused': 422,
  'entitlement_group.not_found': 404,
  'entitlement_group.unmanageable': 422,
  'entitlement_group.name_taken': 409,
  'entitlement_group.other_connector': 409,
  'entitlement_group.of_other_role': 409,
  'entitlement_group.other_fulfilment': 409,
  'mapping.not_found': 404,
  'mapping.duplicate': 409,
  'mapping.alias': 409,
  'mapping_import.not_found': 404,
  'mapping_import.already_ended': 409,
  'mapping.unresolved': 422,
  'approval_policy.not_found': 404,
  'approval_policy.name_taken': 409,
  'project.not_found': 404,
  'project.key_taken': 409,
  'settings.check_failed': 422,
  'finding.not_found': 404,
  'finding.already_resolved': 409,
  'finding.being_repaired': 409,
  'finding.not_acceptable': 422,
  'finding.not_repairable': 422,
  'reconciliation.not_found': 404,
  'reconciliation.nothing_to_compare': 422,
  'audit_event.not_found': 404,
  'audit_verification.not_found': 404,
  'person.not_found': 404,
  'kill_switch.not_found': 404,
  'kill_switch.in_force': 409,
  'kill_switch.not_executed': 409,
  'kill_switch.nothing_to_confirm': 409,
  'kill_switch.restored_already': 409,
  'kill_switch.unknown_target': 404,
  'jira.unavailable': 503,
  'database.unavailable': 503,
  'engine.unavailable': 503,
  internal: 500,
} as const;

export type EdgeCode = keyof typeof EDGE_STATUS;
export type ProblemCode = RefusalCode | EdgeCode;
/** One code, one status. */
export const PROBLEM_STATUS = { ...EDGE_STATUS, ...REFUSAL_STATUS } as const satisfies Record<ProblemCode, number>;

/** A refusal as the API answers it: the domain's, with more where an edge knows more. */
export interface ApiRefusal {
  readonly code: ProblemCode;
  /** One sentence for the caller; no secret, nothing of what was sent. */
  readonly detail: string;
  /** The field at fault, where there is exactly one. */
  readonly path?: string;
  readonly errors?: readonly FieldError[];
  /** Seconds; sent as Retry-After. */
  readonly retryAfterSeconds?: number;
}
