import { z } from 'zod';
import type { EventSourced } from '../state/event-store.js';
import { LaggedTable } from '../state/lagged-table.js';
import type { ReadLag } from '../state/lagged-table.js';

const userSchema = z.object({
  accountId: z.string(),
  accountType: z.enum(['atlassian', 'app', 'customer']),
  displayName: z.string(),
  email: z.string(),
  active: z.boolean(),
  timeZone: z.string(),
  groups: z.array(z.string()),
});

const issueSchema = z.object({
  id: z.string(),
  key: z.string(),
  /** Keys it had before it was moved; Jira still finds it by them. */
  formerKeys: z.array(z.string()),
  projectKey: z.string(),
  issueTypeId: z.string(),
  /** Set when it came through a portal. */
  requestTypeId: z.string().nullable(),
  statusId: z.string(),
  summary: z.string(),
  description: z.unknown(),
  reporterId: z.string(),
  creatorId: z.string(),
  labels: z.array(z.string()),
  created: z.string(),
  updated: z.string(),
  resolvedAt: z.string().nullable(),
});

const commentSchema = z.object({
  id: z.string(),
  authorId: z.string(),
  body: z.unknown(),
  created: z.string(),
  public: z.boolean(),
  properties: z.array(z.object({ key: z.string(), value: z.unknown() })),
});

const deliverySchema = z.object({ id: z.string(), issueId: z.string(), eventType: z.string(), actorId: z.string(), attempts: z.int() });

export const jiraEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('user'), user: userSchema }),
  z.object({ kind: z.literal('issue'), issue: issueSchema }),
  z.object({ kind: z.literal('issueDeleted'), issueId: z.string() }),
  z.object({ kind: z.literal('property'), issueId: z.string(), key: z.string(), value: z.unknown() }),
  z.object({ kind: z.literal('propertyDeleted'), issueId: z.string(), key: z.string() }),
  z.object({ kind: z.literal('comment'), issueId: z.string(), comment: commentSchema }),
  z.object({ kind: z.literal('delivery'), delivery: deliverySchema }),
  z.object({ kind: z.literal('deliveryEnded'), id: z.string() }),
  /** The highest numbers given out, so that they are never given out again. */
  z.object({ kind: z.literal('counters'), issue: z.int(), comment: z.int(), keys: z.record(z.string(), z.int()) }),
  z.object({ kind: z.literal('deniedPermissions'), permissions: z.array(z.string()) }),
]);

export type JiraUser = z.infer<typeof userSchema>;
export type JiraIssue = z.infer<typeof issueSchema>;
export type JiraComment = z.infer<typeof commentSchema>;
export type JiraDelivery = z.infer<typeof deliverySchema>;
export type JiraEvent = z.infer<typeof jiraEventSchema>;

interface PropertyRow {
  readonly value: unknown;
}

/** A Jira tenant's moving parts: people, issues with their properties and comments, events not yet delivered. */
export class JiraState implements EventSourced<JiraEvent> {
  readonly users: LaggedTable<JiraUser>;
  readonly issues: LaggedTable<JiraIssue>;
  readonly deliveries = new Map<string, JiraDelivery>();
  /** Permissions that the service account was stripped of. */
  deniedPermissions: readonly string[] = [];
  private readonly propertyTables = new Map<string, LaggedTable<PropertyRow>>();
  private readonly commentTables = new Map<string, LaggedTable<JiraComment>>();
  private readonly idByKey = new Map<string, string>();
  private counters = { issue: 10_000, comment: 20_000, keys: new Map<string, number>() };

  constructor(private readonly lag: ReadLag) {
    this.users = new LaggedTable(lag);
    this.issues = new LaggedTable(lag);
  }

  properties(issueId: string): LaggedTable<PropertyRow> {
    return tableOf(this.propertyTables, issueId, this.lag);
  }

  comments(issueId: string): LaggedTable<JiraComment> {
    return tableOf(this.commentTables, issueId, this.lag);
  }

  /** Resolves an id, a key or a former key. */
  issueId(idOrKey: string): string {
    return this.idByKey.get(idOrKey.toUpperCase()) ?? idOrKey;
  }

  nextIssueId(): string {
    return String(this.counters.issue + 1);
  }

  nextKey(projectKey: string): string {
    return `${projectKey}-${(this.counters.keys.get(projectKey) ?? 0) + 1}`;
  }

  nextCommentId(): string {
    return String(this.counters.comment + 1);
  }

  apply(event: JiraEvent): void {
    switch (event.kind) {
      case 'user':
        this.users.set(event.user.accountId, event.user);
        return;
      case 'issue':
        this.putIssue(event.issue);
        return;
      case 'issueDeleted':
        this.issues.delete(event.issueId);
        this.propertyTables.delete(event.issueId);
        this.commentTables.delete(event.issueId);
        return;
      case 'property':
        this.properties(event.issueId).set(event.key, { value: event.value });
        return;
      case 'propertyDeleted':
        this.properties(event.issueId).delete(event.key);
        return;
      case 'comment':
        this.comments(event.issueId).set(event.comment.id, event.comment);
        this.counters.comment = Math.max(this.counters.comment, Number(event.comment.id));
        return;
      case 'delivery':
      case 'deliveryEnded':
      case 'counters':
      case 'deniedPermissions':
        this.applyRest(event);
    }
  }

  *dump(): Iterable<JiraEvent> {
    yield { kind: 'counters', issue: this.counters.issue, comment: this.counters.comment, keys: Object.fromEntries(this.counters.keys) };
    for (const [, user] of this.users.currentEntries()) yield { kind: 'user', user };
    for (const [issueId, issue] of this.issues.currentEntries()) {
      yield { kind: 'issue', issue };
      for (const [key, { value }] of this.properties(issueId).currentEntries()) yield { kind: 'property', issueId, key, value };
      for (const [, comment] of this.comments(issueId).currentEntries()) yield { kind: 'comment', issueId, comment };
    }
    for (const delivery of this.deliveries.values()) yield { kind: 'delivery', delivery };
    yield { kind: 'deniedPermissions', permissions: [...this.deniedPermissions] };
  }

  private applyRest(event: Extract<JiraEvent, { kind: 'delivery' | 'deliveryEnded' | 'counters' | 'deniedPermissions' }>): void {
    switch (event.kind) {
      case 'delivery':
        this.deliveries.set(event.delivery.id, event.delivery);
        return;
      case 'deliveryEnded':
        this.deliveries.delete(event.id);
        return;
      case 'counters':
        this.counters = { issue: event.issue, comment: event.comment, keys: new Map(Object.entries(event.keys)) };
        return;
      case 'deniedPermissions':
        this.deniedPermissions = event.permissions;
    }
  }

  private putIssue(issue: JiraIssue): void {
    this.issues.set(issue.id, issue);
    for (const key of [issue.key, ...issue.formerKeys]) {
      this.idByKey.set(key, issue.id);
      const cut = key.lastIndexOf('-');
      const project = key.slice(0, cut);
      this.counters.keys.set(project, Math.max(this.counters.keys.get(project) ?? 0, Number(key.slice(cut + 1))));
    }
    this.counters.issue = Math.max(this.counters.issue, Number(issue.id));
  }
}

function tableOf<V>(tables: Map<string, LaggedTable<V>>, key: string, lag: ReadLag): LaggedTable<V> {
  let table = tables.get(key);
  if (table === undefined) {
    table = new LaggedTable(lag);
    tables.set(key, table);
  }
  return table;
}
