import { randomUUID } from 'node:crypto';
import type { AuditActor } from '../../domain/audit/entry.js';
import type { MassActionMode, MassActionTarget } from '../../domain/mass-action/mass-action.js';
import type { MassActionRow, MassActionStore } from '../ports/mass-action-store.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import { auditNames, massSubject } from './mass-action-audit.js';

export interface NewMassAction extends MassActionTarget { readonly reason: string; readonly mode: MassActionMode; readonly requestedBy: string; readonly actor: AuditActor }

/**
 * Writes a mass action with the list of what it reaches. Executing closes the gate first and commits the block with the list, so that nothing is missing in it (ADR
 * 0012). Null while the same target is blocked by the same source already. Call it in a transaction that has locked nothing that a decision may wait for.
 */
export async function openMassAction(store: MassActionStore, tx: SiteTx, asked: NewMassAction): Promise<MassActionRow | null> {
  const { source, scope, key, reason, mode, requestedBy } = asked;
  const row: MassActionRow = {
    id: `${source === 'leaver' ? 'lvr' : 'ks'}_${randomUUID()}`, source, scope, key, reason, mode, requestedBy, status: mode === 'dryRun' ? 'planned' : 'running', restoreStatus: 'none',
    confirmedBy: null, restoredBy: null, createdAt: tx.now, finishedAt: mode === 'dryRun' ? tx.now : null, restoredAt: null,
  };
  if (mode === 'execute') {
    await store.closeGate(tx);
    if (await store.inForce(tx, asked)) return null;
  }
  await store.insert(tx, row);
  if (mode === 'execute') await store.insertBlock(tx, blockOf(row, tx));
  const items = await store.listItems(tx, row);
  await tx.audit({ action: mode === 'dryRun' ? 'kill_switch.planned' : auditNames(source).started, actor: asked.actor, subject: massSubject(row), data: { scope, reason, items } });
  return row;
}

export const blockOf = ({ id, scope, key, source, reason }: MassActionRow, tx: SiteTx) => ({ id: `blk_${randomUUID()}`, massActionId: id, scope, key, source, reason, createdAt: tx.now });
