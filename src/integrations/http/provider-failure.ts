import { ProviderFailure } from '../../application/ports/identity-provider.port.js';
import type { FailureKind } from '../../application/ports/identity-provider.port.js';
import type { HttpFault } from './send-http.js';

/** What a call was for, as its failure will tell it: `Okta did not add a member: …`. */
export interface CallPurpose {
  readonly vendor: string;
  /** In the infinitive: `add a member`. */
  readonly action: string;
  readonly writes: boolean;
}

export type FailureDetails = ProviderFailure['more'];

export function failureOf(purpose: CallPurpose, kind: FailureKind, why: string, more: FailureDetails = {}): ProviderFailure {
  return new ProviderFailure(kind, `${purpose.vendor} did not ${purpose.action}: ${why}`, more);
}

/**
 * A call that got no answer. A write that may have arrived has an unknown outcome and must be read back; a read may simply
 * be repeated. A redirect or an oversized answer is not in any vendor's contract.
 */
export function failureOfFault(purpose: CallPurpose, fault: HttpFault): ProviderFailure {
  switch (fault.kind) {
    case 'notSent':
      return failureOf(purpose, 'retryable', fault.sentence);
    case 'redirected':
      return failureOf(purpose, 'invalidAnswer', fault.sentence);
    case 'tooLarge':
      return failureOf(purpose, purpose.writes ? 'unknownOutcome' : 'invalidAnswer', fault.sentence);
    case 'lost':
    case 'timedOut':
    case 'cancelled':
      return failureOf(purpose, purpose.writes ? 'unknownOutcome' : 'retryable', fault.sentence);
  }
}

/**
 * The kind that a status alone decides. 404 is not in it: which of two things is missing, or whether the address itself
 * is wrong, only the vendor's error code tells. A 5xx on a write may come after the effect.
 */
export function kindOfStatus(status: number, writes: boolean): FailureKind {
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 409 || status === 425 || status === 429) return 'retryable';
  if (status === 408 || status >= 500) return writes ? 'unknownOutcome' : 'retryable';
  return status >= 400 && status !== 404 ? 'rejected' : 'invalidAnswer';
}
