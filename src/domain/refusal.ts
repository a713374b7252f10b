/** Every reason for which the product says no, with the HTTP status of SPEC §13. Closed: a new code needs a row here and a test. */
export const REFUSAL_STATUS = {
  'access.blocked': 409,
  'approval.already_voted': 409,
  'auth.forbidden': 403,
  'body.invalid': 400,
  'command.unknown': 404,
  'connector.not_ready': 422,
  'extension.life_exceeded': 422,
  'extension.out_of_grace': 422,
  'extension.review_required': 422,
  'extension.self_service_off': 403,
  'finding.out_of_date': 409,
  'grant.duplicate_open': 409,
  'grant.not_found': 404,
  'grant.not_holder': 403,
  'grant.not_open': 409,
  'grant.removal_open': 409,
  'idempotency.key_reused': 422,
  'job.not_found': 404,
  'job.not_retryable': 409,
  'manual_action.already_done': 409,
  'manual_action.not_found': 404,
  'manual_action.wrong_outcome': 422,
  'mapping.missing': 422,
  'mass_action.not_in_force': 409,
  'membership.not_read_back': 422,
  'membership.still_present': 422,
  'policy.denied': 422,
  'request.already_decided': 409,
  'request.content_changed': 409,
  'request.issue_not_yours': 422,
  'request.issue_taken': 409,
  'request.not_found': 404,
  'request.not_requester': 403,
  'restore.not_ours': 409,
  'restore.nothing_left': 422,
  'review.duration_not_shorter': 422,
  'review.not_approver': 403,
  'review.self_approval': 403,
  'tool.assignment_unconfirmed': 422,
  'tool.not_found': 404,
  'data_class.unknown': 422,
} as const;

export type RefusalCode = keyof typeof REFUSAL_STATUS;
/** A refused command or decision; `detail` is one sentence for the person who asked. */
export interface Refusal { readonly code: RefusalCode; readonly detail: string; readonly path?: string }

export const refusal = (code: RefusalCode, detail: string, path?: string): Refusal => (path === undefined ? { code, detail } : { code, detail, path });
export const isRefusalCode = (code: string): code is RefusalCode => Object.hasOwn(REFUSAL_STATUS, code);
