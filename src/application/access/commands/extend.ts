import { decideExtension } from '../../../domain/grant/grant.js';
import { err, ok } from '../../../domain/kernel/result.js';
import { MAX_LIFE_DAYS } from '../../../domain/policy/policy.js';
import { refusal } from '../../../domain/refusal.js';
import { type AccessCase, person } from '../access-case.js';
import { fulfilmentOf, provision } from '../open-grant.js';
import { auditPolicy, decideNow } from '../policy-step.js';
import type { GrantRow } from '../../ports/record.port.js';
import { done, type ApplyCommand, type CommandPayload } from './command-types.js';
import { mayManage, voterOf } from './decide.js';

type Extend = Extract<CommandPayload, { operation: 'extend' }>;

/** More time under the rules of a new request (SPEC G3): evaluated now, within the 180 days and the grace. */
export const extend: ApplyCommand<Extend> = async (c, payload) => {
  const { grant } = c;
  if (grant === null) return err(refusal('grant.not_found', 'This request has no grant'));
  const voter = await voterOf(c, payload.caller);
  const policy = await decideNow(c, payload.durationDays);
  const decided = decideExtension({
    grant, policy, now: c.now, durationDays: payload.durationDays,
    actor: { accountId: voter.accountId, mayDecide: await mayManage(c, voter), sharesIdentityWithRequester: voter.sharesIdentityWithRequester },
    selfServiceOn: (await c.store.setting(c.tx, 'self-service')).extendEnabled,
    duplicateOpenGrant: await c.store.hasOpenGrant(c.tx, grant.accountId, grant.toolKey, grant.id),
  });
  if (!decided.ok) return err(decided.error);
  if (grant.startsAt === null && grant.durationDays + payload.durationDays > MAX_LIFE_DAYS) return err(refusal('extension.life_exceeded', `Access ends at the latest ${MAX_LIFE_DAYS} days after its first start`, 'durationDays'));
  await auditPolicy(c, 'extension', policy);
  const { expiresAt, reopens } = decided.value;
  await keepVote(c, payload);
  const extended = reopens ? await reopen(c, grant, expiresAt) : await c.patchGrant(grant, { expiresAt, ...(grant.startsAt === null ? { durationDays: grant.durationDays + payload.durationDays } : {}) });
  const eventId = await c.audit('grant.extended', person(payload.caller.accountId), {}, { durationDays: payload.durationDays, expiresAt: expiresAt.toISOString(), reopened: reopens, comment: payload.reason });
  await c.comment([`Access was extended by ${payload.durationDays} days, until ${expiresAt.toISOString().slice(0, 10)}.`], eventId);
  if (reopens) await provision(c, extended, await c.store.toolFulfilment(c.tx, grant));
  return ok(done({ expiresAt: expiresAt.toISOString() }));
};

/** An approver's extension is a vote of theirs: what is checked before provisioning finds it. */
async function keepVote(c: AccessCase, { caller }: Extend): Promise<void> {
  if (caller.accountId === c.request.requester || c.reviews.some((review) => review.accountId === caller.accountId)) return;
  const review = { accountId: caller.accountId, stage: 'project', vote: 'approve', comment: null, durationDays: null, contentHash: c.request.contentHash, at: c.now } as const;
  await c.store.insertReview(c.tx, c.request.id, review);
  c.reviews.push(review);
}

/** An expired grant opens again inside its grace as the tool is fulfilled today: its membership is claimed anew and read back before it is active again. */
export async function reopen(c: AccessCase, grant: GrantRow, expiresAt: Date): Promise<GrantRow> {
  const tool = await c.store.toolFulfilment(c.tx, grant);
  c.membership = null; // claimed anew by the first attempt, for the identity and the group of today
  return c.patchGrant(grant, {
    membershipId: null, fulfilment: fulfilmentOf(tool), connectorId: tool?.group?.connectorId ?? tool?.connector?.id ?? null, externalGroupId: tool?.group?.externalGroupId ?? null, status: 'pendingProvision', expiresAt, startsAt: grant.startsAt ?? c.now, endReason: null, endedBy: null, endingAt: null, endedAt: null, endEvidence: null,
  });
}
