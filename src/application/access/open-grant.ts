import { randomUUID } from 'node:crypto';
import { addDays, type Fulfilment } from '../../domain/grant/grant.js';
import type { GrantRow, MembershipRow, StartEvidence, ToolFulfilment } from '../ports/record.port.js';
import { type AccessCase, SYSTEM } from './access-case.js';
import { isObstacle } from './readiness.js';

/** Creates the grant of an approved request: active at once without a connector (SPEC F1), otherwise waiting for its provisioning. */
export async function openGrant(c: AccessCase, durationDays: number): Promise<GrantRow> {
  const tool = await c.store.toolFulfilment(c.tx, c.request);
  const fulfilment = fulfilmentOf(tool);
  const grant: GrantRow = {
    id: `grt_${randomUUID()}`, requestId: c.request.id, accountId: c.request.requester, toolKey: c.request.toolKey, roleKey: c.request.roleKey, status: 'pendingProvision', fulfilment,
    membershipId: null, connectorId: tool?.group?.connectorId ?? tool?.connector?.id ?? null, externalGroupId: tool?.group?.externalGroupId ?? null, durationDays,
    firstStartedAt: null, startsAt: null, expiresAt: addDays(c.now, durationDays), endReason: null, endedBy: null,
    endingAt: null, endedAt: null, endEvidence: null, startEvidence: null, createdAt: c.now,
  };
  await c.store.insertGrant(c.tx, grant);
  c.grant = grant;
  await c.audit('grant.created', SYSTEM, {}, { fulfilment, durationDays, expiresAt: grant.expiresAt.toISOString() });
  return provision(c, grant, tool);
}

/** Starts what makes a grant active: nothing, a provisioning job, or a manual action. Also how an expired grant opens again (SPEC G3). */
export async function provision(c: AccessCase, grant: GrantRow, tool: ToolFulfilment | null): Promise<GrantRow> {
  switch (grant.fulfilment) {
    case 'none': return activate(c, grant, 'noConnector');
    case 'connector': {
      await c.addJob('provision', grant);
      return c.grant ?? grant;
    }
    case 'manual': {
      const job = await c.addJob('provision', grant);
      await c.patchJob(job, { status: 'manual', nextAttemptAt: null });
      await askPeople(c, grant, { jobId: job.id, kind: 'provision', reason: 'fulfilment.manual', detail: `Give ${tool?.name ?? grant.toolKey} to the requester by hand`, tool });
      return c.grant ?? grant;
    }
  }
}

/** How a tool is fulfilled as it is set up now. */
export const fulfilmentOf = (tool: ToolFulfilment | null): Fulfilment => {
  if (tool === null) return 'none';
  if (tool.fulfilment === 'manual') return 'manual';
  return tool.provider === 'none' ? 'none' : 'connector';
};

/** Active from now, for the whole approved duration: waiting for provisioning does not eat it. An extension that keeps the start passes its own end. */
export async function activate(c: AccessCase, grant: GrantRow, startEvidence: StartEvidence): Promise<GrantRow> {
  const continues = grant.startsAt !== null;
  const expiresAt = continues ? grant.expiresAt : addDays(c.now, grant.durationDays);
  const active = await c.patchGrant(grant, { status: 'active', startEvidence, startsAt: grant.startsAt ?? c.now, firstStartedAt: grant.firstStartedAt ?? c.now, expiresAt });
  const eventId = await c.audit('grant.activated', SYSTEM, {}, { evidence: startEvidence, expiresAt: expiresAt.toISOString() });
  await c.closeManualActions('obsolete', ['provision']);
  await c.comment([`Access is active until ${expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC.`, startEvidence === 'readBack' ? 'The membership was read back from the identity provider.' : 'No identity provider is involved.'], eventId);
  return active;
}

/** A deadline for what the tool sets none for: access that should be gone is more urgent than access that is waited for. */
const HOURS_TO_ACT = { provision: 48, deprovision: 24, check: 48 } as const;
/** Who approved it follows it up, unless only an admin can; nobody by name where policy approved: then it is every approver's. */
const deciderOf = ({ request }: AccessCase, reason: string): string | null =>
  isObstacle(reason) || request.decisionSource !== 'human' || request.decidedBy === request.requester ? null : request.decidedBy;

/** Opens a manual action once, tells the ticket, and names the person and the deadline (SPEC F11, P11). */
export async function askPeople(
  c: AccessCase, grant: GrantRow,
  ask: { readonly jobId: string | null; readonly kind: 'provision' | 'deprovision' | 'check'; readonly reason: string; readonly detail: string; readonly tool?: ToolFulfilment | null },
): Promise<void> {
  const tool = ask.tool ?? (await c.store.toolFulfilment(c.tx, grant));
  const dueAt = new Date(c.now.getTime() + (tool?.fulfilmentHours ?? HOURS_TO_ACT[ask.kind]) * 3_600_000);
  const action = { id: `man_${randomUUID()}`, requestId: c.request.id, grantId: grant.id, jobId: ask.jobId, kind: ask.kind, reason: ask.reason, detail: ask.detail, assignee: tool?.fulfilmentOwner ?? deciderOf(c, ask.reason), dueAt };
  if (!(await c.store.openManualAction(c.tx, action))) return;
  c.manualActions.push({ ...action, status: 'open', alarmAt: dueAt });
  const eventId = await c.audit('manual_action.opened', SYSTEM, { manualActionId: action.id, ...(ask.jobId === null ? {} : { jobId: ask.jobId }) }, { kind: ask.kind, reason: ask.reason });
  await c.comment([`This needs a person: ${publicWords(ask)} (${ask.reason}).`], eventId);
}

/** A provider's words stay with the approvers: they may name a login or an id, and a ticket is read by many (SPEC F14). */
const publicWords = ({ reason, detail }: { readonly reason: string; readonly detail: string }): string =>
  /^(provider|write|core|job|user|group\.deleted|connector\.unreadable)/.test(reason) ? 'the identity provider did not do what was asked; approvers see why under manual actions' : detail;

/** Ties the grant to the one membership row of its person and group, and asks for presence under a new generation (DESIGN, converge). */
export async function claimMembership(c: AccessCase, grant: GrantRow, externalIdentityId: string): Promise<MembershipRow | null> {
  if (grant.connectorId === null || grant.externalGroupId === null) return null;
  const found = await c.store.lockMembership(c.tx, { connectorId: grant.connectorId, externalGroupId: grant.externalGroupId, externalIdentityId });
  await c.patchGrant(grant, { membershipId: found.id });
  const membership = await c.patchMembership(found, { desired: 'present', generation: found.generation + 1 });
  // A removal that waits on this row is now held by this grant: its workflow ends it.
  for (const other of await c.store.otherGrantsOn(c.tx, found.id, grant.id)) if (other.status === 'removing') c.wakeOthers.add(other.requestId);
  return membership;
}
