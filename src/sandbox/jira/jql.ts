import { adfText } from './adf.js';
import type { JiraIssue } from './jira-state.js';
import { statusCategories, statusOf } from './jira-tenant.js';
import type { JiraProject } from './jira-tenant.js';

/** Raised for JQL that Jira would refuse, and for JQL beyond what the sandbox understands. */
export class JqlError extends Error {}

export interface JqlQuery {
  readonly accepts: (issue: JiraIssue) => boolean;
  readonly compare: (left: JiraIssue, right: JiraIssue) => number;
}

export interface JqlWorld {
  readonly projects: readonly JiraProject[];
  readonly now: number;
}

type Field = (issue: JiraIssue, world: JqlWorld) => readonly string[];

const fields: Readonly<Record<string, Field>> = {
  project: (issue, world) => [issue.projectKey, world.projects.find((one) => one.key === issue.projectKey)?.id ?? ''],
  key: (issue) => [issue.key, issue.id],
  issuekey: (issue) => [issue.key, issue.id],
  id: (issue) => [issue.id, issue.key],
  issuetype: (issue, world) => [issue.issueTypeId, ...world.projects.flatMap((one) => one.issueTypes.filter((type) => type.id === issue.issueTypeId).map((type) => type.name))],
  type: (issue, world) => fields['issuetype']?.(issue, world) ?? [],
  status: (issue) => [issue.statusId, statusOf(issue.statusId).name],
  statuscategory: (issue) => [statusCategories[statusOf(issue.statusId).category].name, statusCategories[statusOf(issue.statusId).category].key],
  reporter: (issue) => [issue.reporterId],
  creator: (issue) => [issue.creatorId],
  labels: (issue) => issue.labels,
  summary: (issue) => [issue.summary],
  text: (issue) => [issue.summary, adfText(issue.description)],
  created: (issue) => [issue.created],
  updated: (issue) => [issue.updated],
};

const clausePattern = /^\s*(\w+)\s*(not\s+in|in|!=|>=|<=|!~|=|~|>|<)\s*(\(.*\)|"[^"]*"|'[^']*'|[^\s()]+)\s*$/i;

/**
 * Reads the part of JQL that clients of this kind use: clauses joined by AND, then ORDER BY one date or key.
 * @throws JqlError
 */
export function parseJql(jql: string, world: JqlWorld): JqlQuery {
  const [, where = '', order = ''] = /^(.*?)(?:\border\s+by\s+(.*))?$/is.exec(jql.trim()) ?? [];
  const clauses = where.trim() === '' ? [] : splitAnd(where).map((clause) => parseClause(clause, world));
  // Enhanced search refuses a query without a restriction (Atlassian change log, /search/jql).
  if (clauses.length === 0) throw new JqlError('Unbounded JQL queries are not allowed here. Please add a search restriction to your query.');
  return { accepts: (issue) => clauses.every((clause) => clause(issue)), compare: parseOrder(order) };
}

function splitAnd(where: string): string[] {
  return where.split(/\s+and\s+(?=(?:[^"]*"[^"]*")*[^"]*$)/i);
}

function parseClause(text: string, world: JqlWorld): (issue: JiraIssue) => boolean {
  const hit = clausePattern.exec(text);
  if (hit === null) throw new JqlError(`Error in the JQL Query: cannot read '${text.trim()}'.`);
  const [, name = '', rawOperator = '', rawValue = ''] = hit;
  const field = fields[name.toLowerCase()];
  if (field === undefined) throw new JqlError(`Field '${name}' does not exist or you do not have permission to view it.`);
  const operator = rawOperator.toLowerCase().replace(/\s+/, ' ');
  const values = valuesOf(rawValue);
  const have = (issue: JiraIssue): readonly string[] => field(issue, world);
  const same = (issue: JiraIssue): boolean => have(issue).some((one) => values.some((value) => value.toLowerCase() === one.toLowerCase()));
  const holds = (issue: JiraIssue): boolean => have(issue).some((one) => values.some((value) => one.toLowerCase().includes(value.toLowerCase())));
  const equality = equalityOf(operator, same, holds);
  if (equality !== undefined) return equality;
  if (!/^(created|updated)$/i.test(name)) throw new JqlError(`The operator '${operator}' is not supported by the '${name}' field.`);
  const bound = instantOf(values[0] ?? '', world.now);
  return (issue) => have(issue).some((one) => compareBy(operator, Date.parse(one), bound));
}

type Test = (issue: JiraIssue) => boolean;

function equalityOf(operator: string, same: Test, holds: Test): Test | undefined {
  if (operator === '=' || operator === 'in') return same;
  if (operator === '!=' || operator === 'not in') return (issue) => !same(issue);
  if (operator === '~') return holds;
  return operator === '!~' ? (issue) => !holds(issue) : undefined;
}

function valuesOf(raw: string): string[] {
  if (!raw.startsWith('(')) return [unquote(raw)];
  return [...raw.slice(1, -1).matchAll(/"([^"]*)"|'([^']*)'|([^\s,]+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

function compareBy(operator: string, have: number, bound: number): boolean {
  if (operator === '>=') return have >= bound;
  if (operator === '<=') return have <= bound;
  return operator === '>' ? have > bound : have < bound;
}

function instantOf(value: string, now: number): number {
  const relative = /^-(\d+)([mhdw])$/.exec(value);
  if (relative === null) return Date.parse(value.replaceAll('/', '-'));
  const unit = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }[relative[2] ?? 'd'] ?? 86_400_000;
  return now - Number(relative[1]) * unit;
}

function parseOrder(order: string): JqlQuery['compare'] {
  const [name = 'created', direction = 'desc'] = order.trim().toLowerCase().split(/[\s,]+/).filter((word) => word !== '');
  const sign = direction === 'asc' ? 1 : -1;
  const value = (issue: JiraIssue): number => (name === 'updated' ? Date.parse(issue.updated) : name === 'created' ? Date.parse(issue.created) : Number(issue.id));
  return (left, right) => sign * (value(left) - value(right) || Number(left.id) - Number(right.id));
}

function unquote(text: string): string {
  return /^(["']).*\1$/.test(text) ? text.slice(1, -1) : text;
}
