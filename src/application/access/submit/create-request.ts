import { randomUUID } from 'node:crypto';
import { addDays } from '../../../domain/grant/grant.js';
import type { PolicyDecision } from '../../../domain/policy/policy.js';
import { canonicalContent } from '../../../domain/request/request.js';
import type { RecordStore, RequestRow } from '../../ports/record.port.js';
import type { RunLabels } from '../../ports/engine.port.js';
import type { SiteTx } from '../../ports/unit-of-work.port.js';
import { AccessCase, person, POLICY } from '../access-case.js';
import { sha256 } from '../access-deps.js';
import { openGrant } from '../open-grant.js';
import { decideByPolicy } from '../policy-step.js';

export interface Submission {
  readonly issueId: string | null; readonly issueKey: string | null; readonly projectKey: string; readonly toolKey: string; /** Null: none is named (SPEC K3). */ readonly roleKey: string | null; readonly requester: string; readonly submittedBy: string;
  readonly businessUse: string; readonly dataClasses: readonly string[]; readonly durationDays: number;
  /** As Jira said just now; null when policy did not look at them, so that nobody asked. */
  readonly jiraGroups: readonly string[] | null;
}

/** Copies and hashes what was asked, decides by policy and commits it as one request (SPEC I3, I5, P4). The workflow is started after the commit. */
export async function createRequest(store: RecordStore, tx: SiteTx, asked: Submission): Promise<RequestRow> {
  const policy = await decideByPolicy(store, tx, { toolKey: asked.toolKey, roleKey: asked.roleKey, projectKey: asked.projectKey, durationDays: asked.durationDays, dataClasses: asked.dataClasses, requesterGroups: asked.jiraGroups ?? [] }, { accountId: asked.requester, connectorId: null });
  const request = await newRow(store, tx, asked, policy);
  await store.insertRequest(tx, request);
  const c = new AccessCase(tx, store, { request, grant: null, membership: null, jobs: [], manualActions: [], reviews: [] });
  await c.audit('request.created', asked.submittedBy === asked.requester ? person(asked.requester) : { kind: 'service', name: asked.submittedBy }, { accountId: asked.requester }, { contentHash: request.contentHash, durationDays: asked.durationDays, dataClasses: [...asked.dataClasses] });
  await c.audit('policy.evaluated', POLICY, {}, { at: 'intake', outcome: policy.outcome, rules: policy.rules.map((rule) => rule.rule), version: policy.version, policyHash: policy.policyHash, inputHash: policy.inputHash });
  if (policy.outcome === 'deny') await denyAtIntake(c, policy);
  else if (await approvesItself(c, policy)) await approveByPolicy(c, policy);

  return c.request;
}

async function newRow(store: RecordStore, tx: SiteTx, asked: Submission, policy: PolicyDecision): Promise<RequestRow> {
  const sla = await store.setting(tx, 'sla');
  const dueMs = sla.reviewDueHours * 3_600_000;
  const stages = policy.stages.length === 0 ? (['project'] as const) : policy.stages;
  return {
    id: `req_${randomUUID()}`, siteId: tx.siteId, issueId: asked.issueId, issueKey: asked.issueKey, projectKey: asked.projectKey, toolKey: asked.toolKey, roleKey: asked.roleKey, requester: asked.requester, submittedBy: asked.submittedBy,
    businessUse: asked.businessUse, dataClasses: asked.dataClasses, durationDays: asked.durationDays,
    contentHash: sha256(canonicalContent({ ...asked, siteId: tx.siteId })), jiraGroups: asked.jiraGroups ?? [], groupsReadAt: asked.jiraGroups === null ? null : tx.now, decision: 'pending', decisionSource: null, decidedBy: null, decidedAt: null, decidedDurationDays: null,
    policy, stages, pendingStage: stages[0] ?? 'project', remindAt: new Date(tx.now.getTime() + dueMs / 2), remindedAt: null, breachAt: new Date(tx.now.getTime() + dueMs), breachedAt: null,
    lapseAt: addDays(tx.now, sla.lapseAfterDays), startedAt: null, closedAt: null, nextDueAt: tx.now, rowVersion: 1, createdAt: tx.now,
  };
}

async function denyAtIntake(c: AccessCase, policy: PolicyDecision): Promise<void> {
  await c.patchRequest({ decision: 'denied', decisionSource: 'policyDeny', decidedAt: c.now, pendingStage: null });
  const denials = policy.rules.filter((rule) => rule.effect === 'deny');
  const eventId = await c.audit('request.denied', POLICY, {}, { source: 'policyDeny', rules: denials.map((rule) => rule.rule), policyHash: policy.policyHash });
  await c.comment(['Denied by policy:', ...denials.map((rule) => rule.detail)], eventId);
  await c.transition('deny', eventId);
}

/** An automatic approval meets the same refusals as a person's (SPEC A4, F4); then people look at it. */
async function approvesItself(c: AccessCase, policy: PolicyDecision): Promise<boolean> {
  if (policy.outcome !== 'autoApprove') return false;
  if (await c.store.hasOpenGrant(c.tx, c.request.requester, c.request.toolKey, null)) return false;
  const tool = await c.store.toolFulfilment(c.tx, c.request);
  return tool === null || tool.provider === 'none' || tool.fulfilment === 'manual' || tool.group?.confirmed === true;
}
async function approveByPolicy(c: AccessCase, policy: PolicyDecision): Promise<void> {
  const { durationDays } = c.request;
  await c.patchRequest({ decision: 'approved', decisionSource: 'autoPolicy', decidedAt: c.now, decidedDurationDays: durationDays, pendingStage: null });
  const eventId = await c.audit('request.auto_approved', POLICY, {}, { source: 'autoPolicy', durationDays, rules: policy.rules.map((rule) => rule.rule), version: policy.version, policyHash: policy.policyHash });
  // SPEC A12: the comment names policy, version, rules and limits.
  await c.comment([`Approved automatically for ${durationDays} days by policy version ${policy.version} (${policy.policyHash.slice(0, 12)}).`, ...policy.rules.map((rule) => `${rule.rule}: ${rule.detail}`), `Limit: ${policy.limits.maxDurationDays} days.`], eventId);
  await c.transition('approve', eventId);
  await openGrant(c, durationDays);
}

/** What the run is labelled with in the Temporal Web UI. */
export async function labelsOf(store: RecordStore, tx: SiteTx, request: RequestRow): Promise<RunLabels> {
  const tool = await store.toolFulfilment(tx, request);
  return { toolKey: request.toolKey, roleKey: request.roleKey, provider: tool?.provider ?? 'none', risk: tool?.risk ?? 'unknown', policyVersion: String(request.policy.version), issueKey: request.issueKey, phase: request.decision === 'pending' ? 'pending' : request.decision === 'approved' ? 'provisioning' : 'closed', pendingStage: request.pendingStage, approvalDueAt: request.decision === 'pending' ? request.breachAt : null };
}
