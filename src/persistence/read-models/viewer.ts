import { readSetting } from '../../contracts/setting-documents.js';
import type { Principal } from '../../application/ports/api-commands.port.js';
import { isNamedBySite, projectsOf, routedTo } from '../routing-sql.js';
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
  /** The site's settings route approvals of every other project to this person. */
  readonly approvesElsewhere: boolean;
  /** Hashes of the identities at the providers: another account on one of them is the same person (SPEC A7). */
  readonly identityHashes: readonly string[];
  readonly timeZone: string;
  readonly licence: 'active' | 'inactive' | 'notReported';
  readonly selfServiceOn: boolean;
  readonly expiringSoonDays: number;
  readonly now: Date;
}

export async function loadViewer(tx: PgSiteTx, { accountId, kind, roles }: Principal): Promise<Viewer> {
  const [row] = await tx.keyed<{ timeZone: string; licence: Viewer['licence']; selfService: unknown; approverOf: string[]; approvesElsewhere: boolean; identityHashes: string[] }>(
    `SELECT s.time_zone AS "timeZone", s.licence, (SELECT value FROM site_setting WHERE site_id = $1 AND name = 'self-service') AS "selfService",
       ${projectsOf('$1', '$2::text')} AS "approverOf", ${isNamedBySite('$1', '$2::text')} AS "approvesElsewhere",
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
  if (isApprover(viewer)) conditions.push(isRoutedTo(filter, viewer));
  return filter.and(`(${conditions.join(' OR ')})`);
}

/** Whether any approval may come to this person. */
export const isApprover = (viewer: Viewer): boolean => viewer.approverOf.length > 0 || viewer.approvesElsewhere;
/** Condition: the approval of `r` is routed to this person, whatever its stage. */
export const isRoutedTo = (filter: ListFilter, viewer: Viewer): string => routedTo('r', filter.param(viewer.approverOf), viewer.approvesElsewhere);
