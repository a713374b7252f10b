import type { GroupAppsAnswer } from '../../contracts/entitlement-group.contract.js';
import { entitlementSubject } from '../../domain/catalog/entitlement.js';
import { done, refuse } from '../commands/outcome.js';
import type { CommandOutcome } from '../ports/api-commands.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import { refuseFailure, type AskedBy } from './call-failure.js';
import type { CoreCallResult } from './core-call.js';
import type { CoreCallStores } from './core-call-stores.js';
import { lockEntitlement } from './lock-entitlement.js';
import type { CoreCommand } from './record-core-call.js';

/** Keeps what the group opens, as the admin who is about to confirm it has seen it (SPEC F15). */
export async function finishGroupApps(stores: CoreCallStores, tx: SiteTx, core: CoreCommand & { readonly operation: 'tool.readGroupApps' }, result: CoreCallResult, by: AskedBy): Promise<CommandOutcome<GroupAppsAnswer>> {
  if (result.kind === 'failed' && result.failure === 'groupNotFound') return refuse('entitlement_group.not_found', 'The provider has no group with this id');
  if (result.kind !== 'groupApps') return refuseFailure(result);
  const locked = await lockEntitlement(stores, tx, core);
  if (!locked.ok) return locked;
  if (locked.group?.externalGroupId !== core.externalGroupId) return refuse('entitlement_group.not_found', 'There is another group by now');
  const { apps, untold } = result;
  if (apps !== null) await stores.tools.keepApps(tx, locked.owner, apps);
  await tx.audit({ action: 'group.apps_read', actor: by.actor, subject: { ...entitlementSubject(core), connectorId: core.connectorId, groupId: core.externalGroupId, commandId: by.commandId }, data: { apps: apps === null ? null : apps.map(({ label }) => label) } });
  return done(200, { apps: apps === null ? null : [...apps], reason: untold, readAt: tx.now.toISOString() });
}
