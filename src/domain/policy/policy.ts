import type { AccessBlock } from './block.js';

/** Policy as data (SPEC P1, P2): what an admin set, what is asked, and nothing else. The functions over it are in evaluate.ts. */
export const RISKS = ['low', 'medium', 'high', 'critical'] as const;
export type Risk = (typeof RISKS)[number];
export const TOOL_STATUSES = ['approved', 'pilot', 'restricted', 'blocked', 'retired'] as const;
export type ToolStatus = (typeof TOOL_STATUSES)[number];
export const STAGES = ['project', 'security', 'jiraAdmin'] as const;
export type Stage = (typeof STAGES)[number];

export interface Guardrails {
  readonly blockUnknownTools: boolean;
  readonly mandatoryReview: boolean;
  /** The risk from which a security review is a stage of its own; null: never. */
  readonly securityReviewFrom: Risk | null;
  readonly jiraAdminReviewFrom: Risk | null;
  readonly maxDurationDaysByRisk: Readonly<Record<Risk, number>>;
}
export interface PolicyDefaults { readonly outcomeByRisk: Readonly<Record<Risk, 'autoApprove' | 'review' | 'deny'>> }
export interface AutoApprovalPolicy {
  readonly id: string;
  readonly name: string;
  /** Null: any project of the site. */
  readonly projectKey: string | null;
  /** A tool's key, or `tool/role` for one of its roles; `scopeMiss` (policy-misses.ts) says what each covers. */
  readonly toolKeys: readonly string[] | 'all';
  readonly autoApprove: boolean;
  /** Empty means nobody (SPEC P6). */
  readonly jiraGroups: readonly string[];
  readonly maxDurationDays: number | null;
  readonly enabled: boolean;
}
export interface PolicyTool {
  readonly key: string;
  readonly status: ToolStatus;
  readonly risk: Risk;
  readonly maxDurationDays: number;
  readonly pilotGroups: readonly string[];
  /** Null: every data class of the site (SPEC P12). */
  readonly dataClasses: readonly string[] | null;
  /** Whether it has roles: then a request names one (SPEC K3). */
  readonly hasRoles: boolean;
  /** The role that is asked for; null: none is named, or the tool has no such role. */
  readonly role: PolicyRole | null;
}
/** One way of having a tool, with a group, a risk and a limit of its own (SPEC K3). */
export interface PolicyRole {
  readonly key: string;
  readonly name: string;
  readonly risk: Risk;
  readonly maxDurationDays: number;
  readonly requestable: boolean;
}
export interface PolicyFacts {
  readonly version: number;
  readonly guardrails: Guardrails;
  readonly defaults: PolicyDefaults;
  readonly policies: readonly AutoApprovalPolicy[];
  /** The site's closed list of data classes (SPEC P12). */
  readonly dataClasses: readonly string[];
  /** Null: the key is not in the catalog. */
  readonly tool: PolicyTool | null;
  /** In force for this tool, its connector or this person; any of them denies (SPEC G6, G8). */
  readonly blocks: readonly AccessBlock[];
  readonly asked: { readonly toolKey: string; readonly roleKey: string | null; readonly projectKey: string; readonly durationDays: number; readonly dataClasses: readonly string[]; readonly requesterGroups: readonly string[] };
}

export const POLICY_RULES = [
  'tool.unknown', 'tool.restricted', 'tool.blocked', 'tool.retired', 'tool.pilot_group', 'tool.duration_limit', 'tool.data_class', 'role.required', 'role.unknown', 'role.closed',
  'guardrail.mandatory_review', 'guardrail.security_review', 'guardrail.jira_admin_review', 'guardrail.duration_by_risk',
  'policy.auto_approve', 'policy.role_not_named', 'policy.group_not_matched', 'policy.duration_exceeded', 'default.by_risk', 'data_class.unknown', 'access.kill_switch', 'access.leaver',
] as const;
export type PolicyRule = (typeof POLICY_RULES)[number];
export interface FiredRule {
  readonly rule: PolicyRule;
  readonly effect: 'deny' | 'review' | 'allow';
  readonly detail: string;
  /** The approval policy that fired, where one did. */
  readonly policyId?: string;
}
/** What SPEC P5 asks a decision to carry; the hashes are added by the caller, who can hash. */
export interface PolicyOutcome {
  readonly outcome: 'autoApprove' | 'review' | 'deny';
  readonly stages: readonly Stage[];
  readonly limits: { readonly maxDurationDays: number };
  readonly rules: readonly FiredRule[];
  readonly version: number;
}
export interface PolicyDecision extends PolicyOutcome { readonly policyHash: string; readonly inputHash: string }

/** No duration is longer than this, whatever an admin sets (SPEC G3, reference §9). */
export const MAX_LIFE_DAYS = 180;

/** The data classes of a site that has not set its own (SPEC P12). */
export const DEFAULT_DATA_CLASSES: readonly string[] = ['public', 'internal', 'confidential', 'restricted'];

export const DEFAULT_GUARDRAILS: Guardrails = {
  blockUnknownTools: true, mandatoryReview: false, securityReviewFrom: null, jiraAdminReviewFrom: null,
  maxDurationDaysByRisk: { low: 180, medium: 180, high: 90, critical: 30 },
};
export const DEFAULT_OUTCOMES: PolicyDefaults = { outcomeByRisk: { low: 'review', medium: 'review', high: 'review', critical: 'review' } };
