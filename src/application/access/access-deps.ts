import { createHash } from 'node:crypto';
import type { RecordStore } from '../ports/record.port.js';
import type { SiteTx, UnitOfWork } from '../ports/unit-of-work.port.js';
import { AccessCase, type GroupsToUse } from './access-case.js';

/** What the steps of a request need of the outside. */
export interface AccessDeps {
  readonly uow: UnitOfWork<SiteTx>;
  readonly store: RecordStore;
  readonly readGroups: ReadGroups;
}
/** Names of a person's Jira groups, asked now and outside any transaction, in bounded time. Null: Jira does not say. */
export type ReadGroups = (siteId: string, accountId: string) => Promise<readonly string[] | null>;

export const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** Locks the request and hands out its working copy; null when the site has no such request. */
export async function openCase(deps: Pick<AccessDeps, 'store'>, tx: SiteTx, requestId: string, groups: GroupsToUse): Promise<AccessCase | null> {
  const rows = await deps.store.lockCase(tx, requestId);
  return rows === null ? null : new AccessCase(tx, deps.store, rows, groups);
}
