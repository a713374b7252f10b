import type { Routing } from '../approval/routing.js';
import type { Licence } from '../connector/licence.js';
import type { AutoApprovalPolicy, FiredRule, PolicyTool, Stage } from '../policy/policy.js';

/** What the record holds about one Jira issue and what it depends on; null where there is none. Times are ISO 8601. */
export interface RecordedFacts {
  readonly now: string;
  readonly intake: { readonly enabled: boolean; readonly projectKey: string | null; readonly requestTypeIds: readonly string[] };
  readonly recertification: { readonly projectKey: string | null; readonly issueTypeId: string | null; readonly windowDays: number };
  readonly licence: Licence;
  /** The issue's delivery by Jira, as it was taken in. */
  readonly delivery: { readonly outcome: 'accepted' | 'started' | 'refused'; readonly reason: string | null; readonly attempts: number } | null;
  readonly request: {
    readonly id: string; readonly decision: string; readonly decisionSource: string | null; readonly pendingStage: Stage | null; readonly requester: string; readonly submittedBy: string;
    /** Accounts of those who voted on it already, whichever of a person's accounts it was: each stage takes another person. */
    readonly voted: readonly string[]; readonly projectKey: string;
    readonly toolKey: string; readonly roleKey: string | null; readonly durationDays: number; readonly policyOutcome: string | null; readonly rules: readonly Pick<FiredRule, 'rule' | 'effect' | 'detail'>[];
  } | null;
  readonly routing: Routing | null;
  /** Comments and transitions that Jira refused for good, and those that wait. */
  readonly tickets: { readonly failed: readonly { readonly kind: string; readonly lastError: string | null }[]; readonly queued: number };
  /** Whoever has used up the bulk decisions of this minute. */
  readonly bulkLimited: readonly string[];
  readonly tool: { readonly provider: 'none' | 'okta' | 'entra'; readonly fulfilment: 'automatic' | 'manual'; readonly groupConfirmed: boolean | null } | null;
  readonly connector: { readonly name: string; readonly status: 'disabled' | 'enabled'; readonly testOk: boolean | null; readonly testProblems: readonly string[] } | null;
  readonly grant: { readonly status: string; readonly expiresAt: string | null } | null;
  readonly job: { readonly kind: string; readonly status: string; readonly attempts: number; readonly nextAttemptAt: string | null; readonly lastError: string | null } | null;
  readonly manualActions: readonly { readonly kind: string; readonly detail: string; readonly dueAt: string | null }[];
  /** Whether the requester is mapped where the connector leads; null: no connector. */
  readonly isMapped: boolean | null;
  readonly policies: readonly AutoApprovalPolicy[];
  /** The tool as policy sees it now, with the role that was asked for. */
  readonly policyTool: PolicyTool | null;
}
/** What Jira says now. `problems`: of the settings, one sentence each; null where the settings name nothing to ask about. */
export interface TicketFacts {
  readonly issue: { readonly projectKey: string; readonly requestTypeId: string | null; /** `valid`, `missing`, or why it yields no request. */ readonly snapshot: string } | null;
  readonly intakeProblems: readonly string[];
  readonly missingPermissions: readonly string[];
  readonly requesterGroups: readonly string[] | null;
  readonly recertificationProblems: readonly string[] | null;
}
export interface DiagnosisFacts {
  readonly record: RecordedFacts;
  /** A sentence: why Jira can't be asked. */
  readonly ticket: TicketFacts | string;
  readonly coreReachable: boolean;
  /** A licence that is not reported passes (SPEC F3). */
  readonly acceptUnreportedLicence: boolean;
}

/** The reference's troubleshooting list, in its order. */
export const SYMPTOMS = ['portalNotEnabled', 'notInApprovals', 'decisionFails', 'connectorCannotBeEnabled', 'grantStaysPending', 'noAutoApproval', 'noRecertificationIssue'] as const;
export type Symptom = (typeof SYMPTOMS)[number];
/** One thing that was looked at. `ok` null: it could not be. */
export interface Look { readonly ok: boolean | null; readonly saw: string; readonly toDo: string | null }
/** `notApplicable`: this issue can't have the symptom, for the reason in its first look; what follows is information. */
export interface SymptomAnswer { readonly symptom: Symptom; readonly title: string; readonly verdict: 'ok' | 'problem' | 'unknown' | 'notApplicable'; readonly looks: readonly Look[] }
