import { z } from 'zod';
import type { ApiClient } from './api-client.js';
import { pageOf } from './answers.js';
import { CliProblem } from './cli-problem.js';
import { EXIT } from './exit-codes.js';

/** Ids of ours have several dashes or none, so that an issue key is never taken for one. Jira reads keys in either case; so do we. */
const ISSUE_KEY = /^[A-Z][A-Z0-9_]*-[1-9][0-9]*$/i;
const ids = pageOf(z.looseObject({ id: z.string() }));

export const issueKeyOf = (reference: string): string | null => (ISSUE_KEY.test(reference) ? reference.toUpperCase() : null);

/** Id of the request that is meant: it says itself, or is the one of that Jira issue. @throws CliProblem */
export async function findRequestId(api: ApiClient, reference: string): Promise<string> {
  const issueKey = issueKeyOf(reference);
  if (issueKey === null) return reference;
  const { items } = await api.get('/requests', ids, { issueKey, limit: 2 });
  return onlyOne(items, `request of ${issueKey}`);
}

/** Id of the grant that is meant: itself, or that of a request or of a Jira issue. @throws CliProblem */
export async function findGrantId(api: ApiClient, reference: string): Promise<string> {
  const issueKey = issueKeyOf(reference);
  const { items } = await api.get('/grants', ids, issueKey === null ? { requestId: reference, limit: 2 } : { issueKey, limit: 2 });
  return issueKey === null && items.length === 0 ? reference : onlyOne(items, `grant of ${issueKey ?? reference}`);
}

function onlyOne(items: readonly { readonly id: string }[], what: string): string {
  const [first, second] = items;
  if (first === undefined) throw CliProblem.of(EXIT.refused, 'cli.not_found', `There is no ${what}, or you may not see it.`);
  if (second !== undefined) throw CliProblem.of(EXIT.refused, 'cli.ambiguous', `There is more than one ${what}.`, `Say which: ${first.id}, ${second.id} or another.`);
  return first.id;
}

/** An id in a path. */
export const segment = (id: string): string => encodeURIComponent(id);
