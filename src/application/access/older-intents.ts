import type { AuditSubject } from '../../domain/audit/entry.js';
import type { JsonObject } from '../../domain/audit/json.js';
import { PROVIDER_LAG_MS } from '../../domain/provisioning/provisioning.js';
import type { IntentRow, RecordStore } from '../ports/record.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';

export interface ReadMembership {
  readonly store: RecordStore;
  readonly tx: SiteTx;
  readonly realNow: Date;
  /** Says that the intent is resolved, in the name of whoever made the read. Null: no read was made, and what is unknown stays so. */
  readonly resolved: ((subject: AuditSubject, data: JsonObject) => Promise<unknown>) | null;
}

/**
 * After a fresh read: milliseconds until every other open intent of the membership can no longer land; those that are past it are resolved by that read. Absence
 * counts only when this is 0 (N6).
 */
export async function resolveOlderIntents({ store, tx, realNow, resolved }: ReadMembership, membershipId: string): Promise<number> {
  let longest = 0;
  for (const open of await store.openIntents(tx, membershipId)) {
    if (open.isUnderWay) continue; // another request's attempt that is still out: its own workflow records how it ended
    const left = open.deadlineAt.getTime() + PROVIDER_LAG_MS - realNow.getTime();
    if (left > 0) longest = Math.max(longest, left);
    else if (resolved !== null) {
      await store.endIntent(tx, open.id, 'resolved');
      await resolved({ membershipId, intentId: open.id, ...jobOf(open) }, { desired: open.desired, generation: open.generation });
    }
  }
  return longest;
}
/** A finding's own intent has none. */
export const jobOf = ({ jobId }: Pick<IntentRow, 'jobId'>): { readonly jobId?: string } => (jobId === null ? {} : { jobId });
