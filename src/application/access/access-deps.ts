import { createHash } from 'node:crypto';
import type { RecordStore } from '../ports/record.port.js';
import type { SiteTx, UnitOfWork } from '../ports/unit-of-work.port.js';
import { AccessCase } from './access-case.js';

/** What the steps of a request need of the outside. */
export interface AccessDeps {
  readonly uow: UnitOfWork<SiteTx>;
  readonly store: RecordStore;
}

export const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** Locks the request and hands out its working copy; null when the site has no such request. */
export async function openCase(deps: AccessDeps, tx: SiteTx, requestId: string): Promise<AccessCase | null> {
  const rows = await deps.store.lockCase(tx, requestId);
  return rows === null ? null : new AccessCase(tx, deps.store, rows);
}
