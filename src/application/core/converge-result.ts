import type { ConvergeResult } from '../../domain/provisioning/provisioning.js';
import type { FailureKind, ProviderFailure } from '../ports/identity-provider.port.js';

/** A result with what is not said filled in. */
export const result = (status: ConvergeResult['status'], said: Partial<ConvergeResult> & Pick<ConvergeResult, 'code' | 'detail'>): ConvergeResult =>
  ({ observed: 'unknown', readAt: null, write: 'none', retryAfterMs: null, providerRequestId: null, ...said, status });

/** What repeating can mend is retried; credentials, permissions and missing objects go to people (SPEC F6). */
const STATUS: Readonly<Record<FailureKind, ConvergeResult['status']>> = {
  retryable: 'retryable', unknownOutcome: 'retryable', invalidAnswer: 'retryable',
  unauthorized: 'manual', forbidden: 'manual', userNotFound: 'manual', groupNotFound: 'manual', groupNotManageable: 'manual', rejected: 'manual',
};
const CODE: Readonly<Record<FailureKind, string>> = {
  retryable: 'provider.unavailable', unknownOutcome: 'write.outcome_unknown', invalidAnswer: 'provider.invalid_answer', unauthorized: 'provider.unauthorized', forbidden: 'provider.forbidden',
  userNotFound: 'provider.user_not_found', groupNotFound: 'provider.group_not_found', groupNotManageable: 'provider.group_not_manageable', rejected: 'provider.rejected',
};
/** A call that waited in vain for its turn costs the job none of its tries: a busy tenant must not end in a dead letter. */
const isUntried = (failure: ProviderFailure, write: ConvergeResult['write']): boolean => failure.more.paced === true && write === 'none';
export const fromFailure = (failure: ProviderFailure, write: ConvergeResult['write']): ConvergeResult => result(isUntried(failure, write) ? 'notAttempted' : STATUS[failure.kind], {
  code: failure.more.paced === true ? 'provider.paced' : failure.more.status === 429 ? 'provider.rate_limited' : CODE[failure.kind], detail: failure.detail, retryAfterMs: failure.more.retryAfterMs ?? null, providerRequestId: failure.more.providerRequestId ?? null, write,
});
