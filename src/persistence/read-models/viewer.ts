import { readSetting } from '../../contracts/setting-documents.js';
import type { Principal } from '../../application/ports/api-commands.port.js';
import type { PgSiteTx } from '../unit-of-work.js';
import type { ListFilter } from './list-query.js';

/** Who looks, and what of the site decides how things look to them: read once per answer. */
export interface Viewer {
  readonly accountId: string;
  readonly isAdmin: boolean;
  readonly isService: boolean;
  /** Admins and auditors see every request. */
  readonly seesAll: boolean;
  /** Keys of the enabled projects that route approvals to this person (SPEC A2). */
  readonly approverOf: readonly string[];
  /** Hashes of the identities at the providers: another account on one of them is the same person (SPEC A7). */
  readonly identityHashes: readonly string[];
  readonly timeZone: string;
  readonly licence: 'active' | 'inactive' | 'notReported';
  readonly selfServiceOn: boolean;
  readonly expiringSoonDays: number;
  readonly now: Date;
}

export async function loadViewer(tx: PgSiteTx, { accountId, kind, roles }: Principal): Promise<Viewer> {
  const [row] = await tx.query<{ timeZone: string; licence: Viewer['licence']; selfService: unknown; approverOf: string[]; identityHashes: string[] }>(
    `SELECT s.time_zone AS "timeZone", s.licence, (SELECT value FROM site_setting WHERE site_id = $1 AND name = 'self-service') AS "selfService",
       ARRAY(SELECT key FROM project_registry WHERE site_id = $1 AND enabled AND ($2 = ANY (approver_account_ids) OR $2 = ANY (security_reviewer_account_ids)) ORDER BY key) AS "approverOf",
       ARRAY(SELECT i.identity_hash FROM site_identity_mapping m JOIN external_identity i ON i.id = m.external_identity_id WHERE m.site_id = $1 AND m.account_id = $2) AS "identityHashes"
     FROM site s WHERE s.id = $1`,
    [tx.siteId, accountId],
  );
  if (row === undefined) throw new Error(`site ${tx.siteId} is not registered`);
  const { selfService, ...site } = row;
  const { extendEnabled, expiringSoonDays } = readSetting('self-service', selfService === null ? null : { value: selfService });
  return { ...site, accountId, isAdmin: roles.has('admin'), isService: kind === 'service', seesAll: roles.has('admin') || roles.has('auditor'), selfServiceOn: extendEnabled, expiringSoonDays, now: tx.now };
}

/**
 * Own requests, those routed to one's approval, and all of them for admins and auditors; the rest is not there (API: 404). `own` is the column of the
 * listed table that names the person, so that Postgres walks the person's own index.
 */
export function onlyVisible(filter: ListFilter, viewer: Viewer, own: 'r.requester' | 'g.account_id' = 'r.requester'): ListFilter {
  if (viewer.seesAll) return filter;
  const conditions = [`${own} = ${filter.param(viewer.accountId)}`];
  // Only a service asks for somebody else (SPEC I6), so only a service has requests that are not in its own name.
  if (viewer.isService) conditions.push(`r.submitted_by = ${filter.param(viewer.accountId)}`);
  if (viewer.approverOf.length > 0) conditions.push(`r.project_key = ANY (${filter.param(viewer.approverOf)})`);
  return filter.and(`(${conditions.join(' OR ')})`);
}
