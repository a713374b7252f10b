import { z } from 'zod';
import { ProviderFailure } from '../../application/ports/identity-provider.port.js';
import type { FailureKind, ProviderUser } from '../../application/ports/identity-provider.port.js';
import { operatorCode, operatorText } from '../http/operator-text.js';
import { failureOf, kindOfStatus } from '../http/provider-failure.js';
import type { CallPurpose } from '../http/provider-failure.js';
import { retryAfterMs } from '../http/retry-after.js';
import { isWebPage, tryJson } from '../http/send-http.js';
import type { HttpAnswer } from '../http/send-http.js';

const text = z.string().min(1);

export const oktaUser = z.object({ id: text, status: text, profile: z.object({ login: text }) });
export const oktaGroup = z.object({ id: text, type: text, profile: z.object({ name: text }) });
export const oktaApp = z.object({ id: text, label: text, status: text });
export const oktaRule = z.object({
  id: text,
  name: z.string(),
  status: text,
  actions: z.object({ assignUserToGroups: z.object({ groupIds: z.array(z.string()).optional() }).optional() }).optional(),
});

/**
 * DEPROVISIONED is Okta's word for a deactivated user: out of all apps, for good. A suspended user keeps memberships and
 * comes back, so it counts as active here.
 */
export function toProviderUser(user: z.infer<typeof oktaUser>): ProviderUser {
  return { externalId: user.id, login: user.profile.login, state: user.status === 'DEPROVISIONED' ? 'deactivated' : 'active' };
}

const oktaError = z.object({
  errorCode: z.string(),
  errorSummary: z.string().catch(''),
  errorCauses: z.array(z.object({ errorSummary: z.string() })).catch([]),
});

export interface OktaCall extends CallPurpose {
  /** What a 404 with E0000007 means for this call; absent where it can mean two things or nothing. */
  readonly missing?: 'userNotFound' | 'groupNotFound';
}

/**
 * The failure that an answer outside 2xx means.
 * Only E0000007 says that a resource is missing: a 404 of a proxy, or of a wrong orgUrl, must never read as "user not found".
 */
export function failureOfAnswer(call: OktaCall, answer: HttpAnswer, secrets: readonly string[], nowMs: number): ProviderFailure {
  const parsed = oktaError.safeParse(tryJson(answer));
  const error = parsed.success ? parsed.data : null;
  const providerCode = operatorCode(error?.errorCode);
  const providerRequestId = requestIdOf(answer);
  const wait = retryAfterMs(answer.headers, nowMs);
  const more = {
    status: answer.status,
    ...(providerCode === undefined ? {} : { providerCode }),
    ...(providerRequestId === undefined ? {} : { providerRequestId }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
  const said = error === null ? notOktas(answer) : operatorText([error.errorSummary, ...error.errorCauses.map((cause) => cause.errorSummary)].join(' '), secrets);
  return failureOf(call, kindOf(call, answer.status, providerCode), `${said} (${providerCode ?? `HTTP ${answer.status}`})`, more);
}

/** What an administrator can do about an answer that is none of Okta's. */
export function notOktas(answer: HttpAnswer): string {
  return isWebPage(answer) ? `a web page (HTTP ${answer.status}) came instead of Okta's API; check that orgUrl is the org's own address, such as https://acme.okta.com` : `HTTP ${answer.status} without Okta's body`;
}

function kindOf(call: OktaCall, status: number, code: string | undefined): FailureKind {
  if (status === 404 && code === 'E0000007') return call.missing ?? 'invalidAnswer';
  // "This operation is not allowed in the user's current status": the user's state, not the credential, is in the way.
  if (code === 'E0000038') return 'rejected';
  // "The service is in read only mode": nothing was written.
  if (code === 'E0000010') return 'retryable';
  return kindOfStatus(status, call.writes);
}

export function requestIdOf(answer: HttpAnswer): string | undefined {
  return operatorCode(answer.headers.get('x-okta-request-id'));
}

export function isMissing(error: unknown): boolean {
  return error instanceof ProviderFailure && error.more.status === 404 && error.more.providerCode === 'E0000007';
}
