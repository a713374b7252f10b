import { SETTING_DEFAULTS } from '../contracts/setting-documents.js';

/**
 * Who decides on the requests of a project (SPEC A2), always one row with `approvers`, `security_reviewers` and `admin_fallback`: an enabled project's own lists, else those of the
 * site's settings; where neither is set nobody is an approver and only the fallback can decide. The one statement of this rule: commands decide by it, reads show by it.
 */
export const routingOf = (site: string, projectKey: string): string => `
  SELECT o.approver_account_ids AS approvers, o.security_reviewer_account_ids AS security_reviewers, o.admin_fallback FROM project_registry o WHERE o.site_id = ${site} AND o.key = ${projectKey} AND o.enabled
  UNION ALL
  SELECT ARRAY(SELECT jsonb_array_elements_text(d.value -> 'approvers')), ARRAY(SELECT jsonb_array_elements_text(d.value -> 'securityReviewers')), coalesce(d.value ->> 'adminFallback', '${SETTING_DEFAULTS.routing.adminFallback}')
    FROM (SELECT (SELECT value FROM site_setting WHERE site_id = ${site} AND name = 'routing') AS value) d WHERE NOT ${isRegistered(site, projectKey)}`;

/** Whether a project decides for itself. */
const isRegistered = (site: string, projectKey: string): string => `EXISTS (SELECT 1 FROM project_registry o WHERE o.site_id = ${site} AND o.key = ${projectKey} AND o.enabled)`;

/** Condition: an approver of any stage under a row of {@link routingOf}. */
const names = (routing: string, account: string): string => `(${account} = ANY (${routing}.approvers) OR ${account} = ANY (${routing}.security_reviewers))`;

/** Array of the enabled projects that name this account. */
export const projectsOf = (site: string, account: string): string => `ARRAY(SELECT p.key FROM project_registry p, LATERAL (${routingOf(site, 'p.key')}) routed WHERE p.site_id = ${site} AND p.enabled AND ${names('routed', account)} ORDER BY p.key)`;
/** Whether the site's settings name this account, for the requests of every other project. */
export const isNamedBySite = (site: string, account: string): string => `EXISTS (SELECT 1 FROM (${routingOf(site, 'NULL::text')}) routed WHERE ${names('routed', account)})`;

/**
 * Condition: the request's approvals are this person's, given what {@link projectsOf} and {@link isNamedBySite} say of them. Asked by project key and not by {@link routingOf}, so that
 * Postgres finds an approver's requests by index; a test compares the two.
 */
export function routedTo(request: string, projectKeys: string, namedBySite: boolean): string {
  const own = `${request}.project_key = ANY (${projectKeys})`;
  return namedBySite ? `(${own} OR NOT ${isRegistered(`${request}.site_id`, `${request}.project_key`)})` : own;
}

/**
 * Accounts (`account_id`, this one included, possibly more than once) that are mapped to an identity of this account's, at whatever connector: one person (SPEC A7). Nobody's account
 * without a mapping. The one statement of this rule.
 */
export const accountsOfPerson = (site: string, account: string): string => `
  SELECT b.account_id FROM site_identity_mapping a JOIN external_identity ia ON ia.id = a.external_identity_id
    JOIN external_identity ib ON ib.site_id = ia.site_id AND ib.identity_hash = ia.identity_hash JOIN site_identity_mapping b ON b.site_id = ib.site_id AND b.external_identity_id = ib.id
  WHERE a.site_id = ${site} AND a.account_id = ${account}`;

/** Array of the accounts that a kill switch on this one reaches (SPEC G8): itself, mapped or not, and the person's others. */
export const stoppedWith = (site: string, account: string): string => `ARRAY(SELECT ${account}::text UNION ${accountsOfPerson(site, account)})`;

/** Condition: the account is mapped to one of these identity hashes: {@link accountsOfPerson} where the other's hashes are known already. */
export const holdsIdentity = (site: string, account: string, hashes: string): string => `EXISTS (SELECT 1 FROM site_identity_mapping x JOIN external_identity i ON i.id = x.external_identity_id
  WHERE x.site_id = ${site} AND x.account_id = ${account} AND i.identity_hash = ANY (${hashes}))`;

/** Array of those whom a row of {@link routingOf} lists although they are one of these accounts (an array: the requester, who voted) under another one (SPEC A7, A8). */
export const listedAliases = (site: string, routing: string, accounts: string): string => `ARRAY(
  SELECT DISTINCT same.account_id FROM unnest(${accounts}) own (account) CROSS JOIN LATERAL (${accountsOfPerson(site, 'own.account')}) same
  WHERE same.account_id <> ALL (${accounts}) AND same.account_id = ANY (${routing}.approvers || ${routing}.security_reviewers))`;
/** The requester and who voted on request `r`, as {@link listedAliases} takes them. */
export const spentOn = (r: string): string => `ARRAY(SELECT ${r}.requester UNION SELECT v.account_id FROM review v WHERE v.site_id = ${r}.site_id AND v.request_id = ${r}.id)`;
