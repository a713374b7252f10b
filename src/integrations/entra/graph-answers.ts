import { z } from 'zod';
import { ProviderFailure } from '../../application/ports/identity-provider.port.js';
import type { FailureKind, GroupMember, ProviderGroup, ProviderUser } from '../../application/ports/identity-provider.port.js';
import { operatorCode, operatorText } from '../http/operator-text.js';
import { failureOf, kindOfStatus } from '../http/provider-failure.js';
import type { CallPurpose } from '../http/provider-failure.js';
import { retryAfterMs } from '../http/retry-after.js';
import { isWebPage, tryJson } from '../http/send-http.js';
import type { HttpAnswer } from '../http/send-http.js';

const text = z.string().min(1);

export const graphUser = z.object({ id: text, userPrincipalName: text.nullish(), accountEnabled: z.boolean().nullish() });
export const graphGroup = z.object({
  id: text,
  displayName: text,
  groupTypes: z.array(z.string()).nullish(),
  mailEnabled: z.boolean().nullish(),
  onPremisesSyncEnabled: z.boolean().nullish(),
  isAssignableToRole: z.boolean().nullish(),
});
export const graphMember = graphUser.extend({ '@odata.type': z.string().nullish(), displayName: z.string().nullish() });
export const graphAssignment = z.object({ resourceId: text, resourceDisplayName: text.nullish() });
export const graphId = z.object({ id: text });
export const userFields = 'id,userPrincipalName,accountEnabled';
export const memberFields = `${userFields},displayName`;
export const groupFields = 'id,displayName,groupTypes,mailEnabled,securityEnabled,onPremisesSyncEnabled,isAssignableToRole';

export interface GraphCall extends CallPurpose {
  /** What a 404 means for this call; absent where it can mean two things. */
  readonly missing?: 'userNotFound' | 'groupNotFound';
}

/**
 * Graph answers properties that the application may not read as null. Without `accountEnabled` a leaver would look active
 * for ever, so that is a missing permission and not a user.
 */
export function toProviderUser(call: GraphCall, user: z.infer<typeof graphUser>): ProviderUser {
  const { id, userPrincipalName, accountEnabled } = user;
  if (userPrincipalName == null || accountEnabled == null) {
    throw failureOf(call, 'forbidden', 'the user\'s name and accountEnabled are hidden from the application; it needs User.Read.All');
  }
  return { externalId: id.toLowerCase(), login: userPrincipalName, state: accountEnabled ? 'active' : 'deactivated' };
}

/** A group may also hold groups, devices and applications: they are shown under their kind, never left out, since they open the group as well. */
export function toMember(call: GraphCall, member: z.infer<typeof graphMember>): GroupMember {
  const kind = member['@odata.type']?.replace('#microsoft.graph.', '') ?? 'user';
  if (kind === 'user') return { ...toProviderUser(call, member), kind: 'user' };
  return { externalId: member.id.toLowerCase(), login: `${kind}:${member.displayName ?? member.id}`, state: 'active', kind: 'other' };
}

export function toProviderGroup(group: z.infer<typeof graphGroup>): ProviderGroup {
  return { externalId: group.id.toLowerCase(), name: group.displayName, unmanageable: whyUnmanageable(group) };
}

/** SPEC F4: groups whose members somebody else decides, or whose members gain more than a tool. */
function whyUnmanageable(group: z.infer<typeof graphGroup>): ProviderGroup['unmanageable'] {
  const types = group.groupTypes ?? [];
  if (types.includes('DynamicMembership')) return { code: 'entra.dynamic', reason: 'The group is dynamic: a rule decides its members.' };
  if (group.onPremisesSyncEnabled === true) return { code: 'entra.on_premises_synced', reason: 'The group is synchronised from an on-premises directory, which decides its members.' };
  if (group.mailEnabled === true && !types.includes('Unified')) return { code: 'entra.mail_enabled', reason: 'The group is mail-enabled without being a Microsoft 365 group, so Graph can\'t change its members.' };
  if (group.isAssignableToRole === true) return { code: 'entra.role_assignable', reason: 'The group can carry directory roles, so its members could gain more than this tool.' };
  return null;
}

const graphError = z.object({ error: z.object({ code: z.string(), message: z.string().catch(''), innerError: z.object({ 'request-id': z.unknown() }).optional().catch(undefined) }) });

/** The failure that an answer outside 2xx means. Only Graph's own code says that something is missing, never a bare 404. */
export function failureOfAnswer(call: GraphCall, answer: HttpAnswer, secrets: readonly string[], nowMs: number): ProviderFailure {
  const parsed = graphError.safeParse(tryJson(answer));
  const error = parsed.success ? parsed.data.error : null;
  const providerCode = operatorCode(error?.code);
  const providerRequestId = requestIdOf(answer) ?? operatorCode(error?.innerError?.['request-id']);
  const wait = retryAfterMs(answer.headers, nowMs);
  const more = {
    status: answer.status,
    ...(providerCode === undefined ? {} : { providerCode }),
    ...(providerRequestId === undefined ? {} : { providerRequestId }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
  const said = error === null ? notGraphs(answer) : operatorText(error.message, secrets);
  return failureOf(call, kindOf(call, answer.status, providerCode), `${said} (${providerCode ?? ''} HTTP ${answer.status})`, more);
}

/** What an administrator can do about an answer that is none of Graph's. */
export function notGraphs(answer: HttpAnswer): string {
  return isWebPage(answer) ? 'a web page came instead of Graph; check graphBaseUrl' : 'its answer is not what its contract promises';
}

function kindOf(call: GraphCall, status: number, code: string | undefined): FailureKind {
  if (status === 404 && code === missingCode) return call.missing ?? 'invalidAnswer';
  return kindOfStatus(status, call.writes);
}
const missingCode = 'Request_ResourceNotFound';

export function requestIdOf(answer: HttpAnswer): string | undefined {
  return operatorCode(answer.headers.get('request-id'));
}

export function isMissing(error: unknown): boolean {
  return error instanceof ProviderFailure && error.more.status === 404 && error.more.providerCode === missingCode;
}

/** Graph has no code for it, only "One or more added object references already exist for the following modified properties: 'members'." */
export function saysAlreadyMember(error: unknown): boolean {
  return error instanceof ProviderFailure && error.more.status === 400 && /object references already exist/i.test(error.detail);
}
