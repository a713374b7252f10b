import { z } from 'zod';

/**
 * What the command line shows of the API's answers. Read loosely on purpose: fields and states that a newer server adds pass
 * through to `--json` instead of stopping an older client. The contract's own types are checked against these (answers.spec.ts).
 */
const text = z.string();
const maybe = z.string().nullable();

export const pageOf = <T extends z.ZodType>(item: T) => z.looseObject({ items: z.array(item), nextCursor: maybe });

export const shownJob = z.looseObject({ id: text, kind: text, status: text, attempts: z.number(), nextAttemptAt: maybe, lastError: maybe });
export const shownMembership = z.looseObject({ desired: text, observed: text, lastReadAt: maybe, evidence: maybe });
export const shownGrantSummary = z.looseObject({ id: text, status: text, startsAt: maybe, expiresAt: maybe, expiryLabel: maybe, membership: shownMembership.nullable() });
export type ShownGrant = z.infer<typeof shownGrantSummary>;
export const shownGrant = z.looseObject({ ...shownGrantSummary.shape, issueKey: maybe, toolKey: text, roleKey: maybe, accountId: text, job: shownJob.nullable(), endReason: maybe, endEvidence: maybe });

export const shownRequest = z.looseObject({
  id: text,
  issueKey: maybe,
  toolKey: text,
  roleKey: maybe,
  requester: z.looseObject({ accountId: text }),
  businessUse: text,
  dataClasses: z.array(text),
  durationDays: z.number(),
  decision: text,
  decisionSource: maybe,
  grant: shownGrantSummary.nullable(),
  job: shownJob.nullable(),
  policy: z.looseObject({ outcome: text, rules: z.array(z.looseObject({ rule: text, effect: text, detail: text })) }).nullable(),
  reviews: z.array(z.looseObject({ accountId: text, decision: text, stage: text, comment: maybe, at: text })),
  pendingStage: maybe,
  createdAt: text,
  decidedAt: maybe,
});
export type ShownRequest = z.infer<typeof shownRequest>;

export const shownBulk = z.looseObject({ results: z.array(z.looseObject({ issueKey: maybe, requestId: maybe, status: z.number(), code: text.optional(), detail: text.optional() })) });
export const shownTimelineEntry = z.looseObject({ at: text, action: text, actor: z.looseObject({ kind: text, accountId: maybe }).nullable(), seq: z.number().nullable(), summary: text });

export const shownManualAction = z.looseObject({
  id: text, kind: text, status: text, reason: z.looseObject({ code: text, message: text }), issueKey: maybe, toolKey: text, roleKey: maybe, accountId: text,
  entitlement: z.looseObject({ provider: maybe, groupName: maybe }), assigneeAccountId: maybe, dueAt: maybe,
});
export const shownCompletion = z.looseObject({ action: shownManualAction, readBack: z.looseObject({ observed: text, readAt: text }).nullable(), grantStatus: text });
export const shownJobRow = z.looseObject({ ...shownJob.shape, issueKey: maybe, toolKey: text, roleKey: maybe, accountId: text });

const shownGroup = { entitlementGroup: z.looseObject({ name: text, assignmentConfirmedAt: maybe }).nullable() };
export const shownTool = z.looseObject({
  key: text, name: text, vendor: text, status: text, risk: text, maxDurationDays: z.number(), provider: text, connectorId: maybe, requestable: z.boolean(), fulfilment: text,
  ...shownGroup,
  roles: z.array(z.looseObject({ key: text, risk: text, requestable: z.boolean(), ...shownGroup })),
});
/** A tool as reconciliation sees it. */
export const shownCompared = z.looseObject({ key: text, connectorId: maybe, driftResponse: text, ...shownGroup, roles: z.array(z.looseObject({ key: text, ...shownGroup })) });
const massCounts = z.looseObject({ total: z.number(), verifiedAbsent: z.number(), pending: z.number(), held: z.number(), requests: z.number(), requestsClosed: z.number(), restored: z.number(), restoreRefused: z.number(), restoreWaiting: z.number() });
export const shownKillSwitch = z.looseObject({ id: text, source: text, scope: text, key: text, reason: text, mode: text, status: text, restoreStatus: text, counts: massCounts, createdAt: text, workflowId: maybe });
export const shownKillSwitchItem = z.looseObject({ requestId: text, kind: text, accountId: text, toolKey: text, outcome: maybe, grantStatus: maybe, endEvidence: maybe, restoreOutcome: maybe });
export const shownReconciliation = z.looseObject({
  id: text, connectorId: text, status: text, trigger: text, failure: maybe, startedAt: text, endedAt: maybe,
  counts: z.looseObject({ groups: z.number(), members: z.number(), differences: z.number(), confirmed: z.number(), findings: z.number(), removed: z.number(), revoked: z.number(), held: z.number() }),
  groups: z.array(z.looseObject({ externalGroupId: text, state: text, held: maybe, members: z.number(), error: maybe })),
});
export const shownFinding = z.looseObject({ id: text, kind: text, toolKey: maybe, externalGroupId: maybe, loginHint: maybe, accountId: maybe, state: text, response: text, lastSeenAt: text });
export const shownImportItem = z.looseObject({
  id: text, dryRun: z.boolean(), askedBy: text, status: text, failure: maybe, rows: z.number(), checked: z.number(), counts: z.record(z.string(), z.number()), created: z.number(), updated: z.number(), refused: z.number(), startedAt: text, endedAt: maybe,
});
export const shownImportRow = z.looseObject({ line: z.number(), accountId: maybe, provider: maybe, fate: maybe, outcome: maybe, code: text.optional(), detail: text.optional() });
export const shownMe = z.looseObject({
  siteId: text, accountId: text, displayName: maybe, roles: z.array(text), approverOf: z.array(text), licence: text,
  abilities: z.record(z.string(), z.looseObject({ allowed: z.boolean(), reason: text.optional() })),
});
export const shownVerification = z.looseObject({
  status: text, ok: z.boolean().nullable(), entriesChecked: z.number(), lastSeq: z.number().nullable(), chainHead: maybe, finishedAt: maybe,
  firstBad: z.looseObject({ seq: z.number(), reason: text }).nullable(),
});
export const shownConnectorTest = z.looseObject({
  ok: z.boolean(), testedAt: text, abilities: z.array(z.looseObject({ ability: text, ok: z.boolean(), detail: text.optional(), documentation: text.optional() })), failure: z.looseObject({ code: text, detail: text }).nullable(),
});
export const shownConformance = z.looseObject({
  connectorId: text, provider: text, conforms: z.boolean(), ranAt: text, group: z.looseObject({ externalGroupId: text, name: text, created: z.boolean() }).nullable(),
  steps: z.array(z.looseObject({ step: text, outcome: text, expected: text, saw: text, tookMs: z.number() })),
});
export const shownConnector = z.looseObject({ id: text, name: text, provider: text, status: text, lastTest: shownConnectorTest.nullable(), credential: z.looseObject({ expiresAt: maybe, state: text }) });
export const shownProject = z.looseObject({ key: text, enabled: z.boolean(), approvers: z.array(text), adminFallback: text });
export const shownIntake = z.looseObject({ enabled: z.boolean(), projectKey: maybe, portalId: maybe, requestTypeIds: z.array(text) });
export const shownRouting = z.looseObject({ approvers: z.array(text), adminFallback: text });
export const shownSandbox = z.looseObject({
  okta: z.looseObject({ baseUrl: text }), entra: z.looseObject({ graphBaseUrl: text }), jira: z.looseObject({ baseUrl: text }),
  people: z.array(z.looseObject({ accountId: text, displayName: text, roles: z.array(text) })),
});
export const shownReady = z.looseObject({ parts: z.looseObject({ database: text, engine: text, governanceWorker: text, coreWorker: text }) });
export const shownDiagnosis = z.looseObject({ issueKey: text, symptoms: z.array(z.looseObject({ symptom: text, title: text, verdict: text, looks: z.array(z.looseObject({ ok: z.boolean().nullable(), saw: text, toDo: maybe })) })) });
