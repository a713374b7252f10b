import { readSetting } from '../../contracts/setting-documents.js';
import { lossLimit } from '../../domain/mass-action/leavers.js';
import type { SettingStore } from '../ports/governance-store.port.js';
import type { LeaverCause, LeaverStore } from '../ports/leaver-store.port.js';
import type { MassActionRow, MassActionStore } from '../ports/mass-action-store.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import { massSubject } from '../mass-actions/mass-action-audit.js';
import { openMassAction } from '../mass-actions/open-mass-action.js';
import { randomUUID } from 'node:crypto';

export interface LeaverStores { readonly leavers: LeaverStore; readonly massActions: MassActionStore; readonly settings: SettingStore }

const WORDS: Readonly<Record<LeaverCause, string>> = {
  oktaEvent: 'The identity was deactivated or deleted at the provider', converge: 'The identity is deactivated or deleted at the provider', reconciliation: 'The identity is deactivated or deleted at the provider', jiraAccount: 'The Jira account is closed',
};
const actor = { kind: 'system', name: 'leaver' } as const;

/**
 * Opens the one case of a person who has left, as a fresh read has just shown (SPEC G6). Null where there is nothing to end, the case is open already, or the site
 * switched leavers off. Beyond the mass-loss limit the case is written and held until an admin confirms. Call it in a transaction that holds no lock of a request.
 */
export async function openLeaver(stores: LeaverStores, tx: SiteTx, accountId: string, cause: LeaverCause): Promise<MassActionRow | null> {
  const settings = readSetting('leaver', await stores.settings.find(tx, 'leaver'));
  if (!settings.enabled) return null;
  await stores.massActions.closeGate(tx); // also makes the counts below those of one case at a time
  const target = { source: 'leaver', scope: 'person', key: accountId } as const;
  if ((await stores.massActions.inForce(tx, target)) || (await stores.leavers.hasHeldCase(tx, accountId)) || !(await stores.leavers.hasAccess(tx, accountId))) return null;
  const limit = lossLimit(settings, await stores.leavers.countHolders(tx));
  const cases = await stores.leavers.countCases(tx, new Date(tx.now.getTime() - settings.windowHours * 3_600_000));
  const asked = { ...target, reason: WORDS[cause], mode: 'execute', requestedBy: cause, actor } as const;
  if (cases.all < limit) return openMassAction(stores.massActions, tx, asked);
  return hold(stores, tx, asked, { limit, cases: cases.all, windowHours: settings.windowHours, first: cases.held === 0 });
}

async function hold(stores: LeaverStores, tx: SiteTx, { source, scope, key, reason, mode, requestedBy }: Pick<MassActionRow, 'source' | 'scope' | 'key' | 'reason' | 'mode' | 'requestedBy'>, loss: { readonly limit: number; readonly cases: number; readonly windowHours: number; readonly first: boolean }): Promise<MassActionRow> {
  const row: MassActionRow = { id: `lvr_${randomUUID()}`, source, scope, key, reason, mode, requestedBy, status: 'stopped', restoreStatus: 'none', confirmedBy: null, restoredBy: null, createdAt: tx.now, finishedAt: null, restoredAt: null };
  await stores.massActions.insert(tx, row);
  const { first, ...data } = loss;
  if (first) await tx.audit({ action: 'leaver.breaker_tripped', actor, subject: {}, data });
  await tx.audit({ action: 'leaver.held', actor, subject: massSubject(row), data });
  return row;
}
