/** What the product needs of one Jira site. A ticket is read and written to; it never decides (SPEC principle, A11). */
export interface JiraIssue {
  readonly id: string;
  readonly key: string;
  readonly projectKey: string;
  /** Account id of the reporter: the requester of a request (SPEC I3). */
  readonly reporterAccountId: string | null;
  /** Who created the issue; somebody else than the reporter when an agent raised it on their behalf. */
  readonly creatorAccountId: string | null;
  readonly statusName: string;
  readonly statusCategory: 'new' | 'indeterminate' | 'done' | 'undefined';
}
export interface JiraTransition { readonly id: string; readonly name: string; readonly toName: string }

/** A Jira call that did not give what was asked; `retryable` covers 409, 429, 5xx, time-outs and a lost answer. */
export class JiraFailure extends Error {
  override readonly name = 'JiraFailure';
  constructor(
    readonly kind: 'retryable' | 'unauthorized' | 'forbidden' | 'notFound' | 'rejected' | 'invalidAnswer',
    readonly detail: string,
    readonly more: { readonly status?: number; readonly retryAfterMs?: number; readonly rateLimitReason?: string } = {},
  ) {
    super(`${kind}: ${detail}`);
  }
}

/** Atlassian Document Format, version 1; built by {@link JiraPort} callers from paragraphs of plain text. */
export interface AdfDoc { readonly type: 'doc'; readonly version: 1; readonly content: readonly unknown[] }

export interface JiraPort {
  /** Null when the issue does not exist or is hidden from the app. */
  findIssue(issueIdOrKey: string, signal?: AbortSignal): Promise<JiraIssue | null>;
  /** The JSM request type id (numeric string) of an issue, or null when the issue is not a JSM request. */
  findRequestTypeId(issueIdOrKey: string, signal?: AbortSignal): Promise<string | null>;
  /** Null when the property is not set (also while Jira lags). */
  findProperty(issueIdOrKey: string, key: string, signal?: AbortSignal): Promise<unknown>;
  /** False for a closed account; null when Jira knows no such account or hides it from the app. */
  isAccountActive(accountId: string, signal?: AbortSignal): Promise<boolean | null>;
  /** Names of all groups of a person, every page. */
  listGroupNames(accountId: string, signal?: AbortSignal): Promise<readonly string[]>;
  listTransitions(issueIdOrKey: string, signal?: AbortSignal): Promise<readonly JiraTransition[]>;
  transition(issueIdOrKey: string, transitionId: string, signal?: AbortSignal): Promise<void>;
  /**
   * Adds a comment once: `marker` is stored as a comment property and looked for first when `mayExist` is set, because Jira has no idempotency keys
   * and an answer may have been lost. Returns the comment's id.
   */
  addComment(issueIdOrKey: string, body: AdfDoc, options: { readonly marker: string; readonly mayExist: boolean }, signal?: AbortSignal): Promise<string>;
  /** Settings checks (SPEC I8). */
  findProject(projectKey: string, signal?: AbortSignal): Promise<{ readonly id: string; readonly key: string } | null>;
  listIssueTypes(projectKey: string, signal?: AbortSignal): Promise<readonly { readonly id: string; readonly name: string }[]>;
  listRequestTypes(projectKey: string, signal?: AbortSignal): Promise<readonly { readonly id: string; readonly name: string }[]>;
  /** Of the app itself in a project: the names (such as TRANSITION_ISSUES) that it lacks. */
  missingPermissions(projectKey: string, permissions: readonly string[], signal?: AbortSignal): Promise<readonly string[]>;
  /** Whether a person holds the global ADMINISTER permission now (SPEC U7). */
  isAdministrator(accountId: string, signal?: AbortSignal): Promise<boolean>;
  serverInfo(signal?: AbortSignal): Promise<{ readonly baseUrl: string }>;
}
/** Connection of one site's Jira; the token is opened by the process that calls. */
export interface JiraConnection { readonly baseUrl: string; readonly auth: { readonly kind: 'basic'; readonly email: string; readonly token: string } | { readonly kind: 'bearer'; readonly token: string } }
