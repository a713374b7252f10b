import { z } from 'zod';
import { ITEM_KINDS, ITEM_OUTCOMES, MASS_ACTION_MODES, MASS_ACTION_STATUSES, RESTORE_STATUSES } from '../domain/mass-action/mass-action.js';
import { BLOCK_SCOPES, BLOCK_SOURCES } from '../domain/policy/block.js';
import { accountId, id, instant, line, toolKey } from './primitives.js';
import { pageQuery } from './page.contract.js';

/** A tool's key, a connector's id or an account id, as the scope says. */
const target = line(128);

/** SPEC G8. `reason` is shown to the people whose access ends. */
export const createKillSwitchBody = z.strictObject({ scope: z.enum(BLOCK_SCOPES), key: target, reason: line(500), mode: z.enum(MASS_ACTION_MODES) });
export type CreateKillSwitchBody = z.output<typeof createKillSwitchBody>;

const count = z.int().min(0);
/** Counted from the grants at the time of the answer. `held`: over, the membership stays for another grant outside the scope, or as accepted baseline access. `restoreWaiting`: given back when another block over them is lifted. */
export const killSwitchCounts = z.strictObject({ total: count, verifiedAbsent: count, pending: count, held: count, requests: count, requestsClosed: count, restored: count, restoreRefused: count, restoreWaiting: count });

/** A kill switch, or a leaver's case: the same thing with another source. `stopped`: held by the mass-loss breaker, or restored before it was through. */
export const killSwitchView = z.strictObject({
  id, source: z.enum(BLOCK_SOURCES), scope: z.enum(BLOCK_SCOPES), key: z.string(), reason: z.string(), mode: z.enum(MASS_ACTION_MODES), status: z.enum(MASS_ACTION_STATUSES),
  restoreStatus: z.enum(RESTORE_STATUSES), counts: killSwitchCounts, requestedBy: z.string(), confirmedBy: z.string().nullable(), restoredBy: z.string().nullable(),
  createdAt: instant, finishedAt: instant.nullable(), restoredAt: instant.nullable(), workflowId: z.string().nullable(),
});
export type KillSwitchView = z.infer<typeof killSwitchView>;

export const killSwitchListQuery = z.strictObject({ ...pageQuery, source: z.enum(BLOCK_SOURCES).optional(), status: z.enum(MASS_ACTION_STATUSES).optional(), scope: z.enum(BLOCK_SCOPES).optional(), key: target.optional() });
export type KillSwitchListQuery = z.output<typeof killSwitchListQuery>;

/** One request or grant that a kill switch reaches. `remainingMs`: what a restore would give back. */
export const killSwitchItemView = z.strictObject({
  requestId: id, grantId: id.nullable(), kind: z.enum(ITEM_KINDS), accountId, toolKey, remainingMs: z.int().nullable(), outcome: z.enum(ITEM_OUTCOMES).nullable(), stoppedAt: instant.nullable(),
  grantStatus: z.string().nullable(), endEvidence: z.string().nullable(), endedAt: instant.nullable(), restoreOutcome: z.string().nullable(), restoredAt: instant.nullable(),
});
export type KillSwitchItemView = z.infer<typeof killSwitchItemView>;
export const killSwitchItemQuery = z.strictObject(pageQuery);
