import type { EntitlementGroupView } from '../../contracts/entitlement-group.contract.js';
import { entitlementSubject } from '../../domain/catalog/entitlement.js';
import { done, refuse } from '../commands/outcome.js';
import type { CommandOutcome } from '../ports/api-commands.port.js';
import type { GroupOwner } from '../ports/tool-store.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import { refuseFailure, type AskedBy } from './call-failure.js';
import type { CoreCallResult } from './core-call.js';
import type { CoreCallStores } from './core-call-stores.js';
import { lockEntitlement, refuseMixed, refuseReplacing } from './lock-entitlement.js';
import type { CoreCommand } from './record-core-call.js';

type GroupCommand = CoreCommand & { readonly operation: 'tool.createGroup' | 'tool.bindGroup' };

/** Makes the provider's group the entitlement group of the tool or role (SPEC F4, K3), unconfirmed until an admin says it is assigned to the real app. */
export async function finishGroup(stores: CoreCallStores, tx: SiteTx, core: GroupCommand, result: CoreCallResult, by: AskedBy): Promise<CommandOutcome<EntitlementGroupView>> {
  const found = readGroup(result, core);
  if (!found.ok) return found;
  const locked = await lockEntitlement(stores, tx, core);
  if (!locked.ok) return locked;
  const { tool, owner } = locked;
  if (tool.connectorId !== core.connectorId) return refuse('if_match.stale', "The tool's connector was changed meanwhile");
  const refused = await refuseReplacing(stores, tx, locked) ?? await refuseOfOtherRole(stores, tx, owner, { connectorId: core.connectorId, externalGroupId: found.externalGroupId });
  if (refused !== null) return refused;
  // One group under two connectors would be two memberships of one person, and the end of one would take the other away (N7).
  if (await stores.tools.isHeldByOtherConnector(tx, { connectorId: core.connectorId, externalGroupId: found.externalGroupId })) {
    return refuse('entitlement_group.other_connector', 'A tool of another connector of this org or tenant uses this group; let both tools use one connector', 'externalGroupId');
  }
  if (await stores.tools.isFulfilledOtherwise(tx, { toolId: tool.id, fulfilment: tool.fulfilment, group: { connectorId: core.connectorId, externalGroupId: found.externalGroupId } })) return refuseMixed('externalGroupId');

  const origin = core.operation === 'tool.createGroup' ? 'created' : 'bound';
  await stores.tools.putGroup(tx, { id: stores.newId(), ...owner, connectorId: core.connectorId, externalGroupId: found.externalGroupId, name: found.name, origin });
  await tx.audit({
    action: origin === 'created' ? 'group.created' : 'group.bound', actor: by.actor,
    subject: { ...entitlementSubject(core), connectorId: core.connectorId, groupId: found.externalGroupId, commandId: by.commandId }, data: { name: found.name },
  });
  const view = await stores.tools.findGroup(tx, owner);
  if (view === null) throw new Error(`tool ${tool.key} has no group after it was given one`);
  return done(200, view);
}

/** Each role has its own group: in a shared one nobody could tell who has which. The tool's own group may become a role's (SPEC K3). */
async function refuseOfOtherRole({ roles }: CoreCallStores, tx: SiteTx, { toolId, roleId }: GroupOwner, group: { readonly connectorId: string; readonly externalGroupId: string }): Promise<ReturnType<typeof refuse> | null> {
  if (roleId === null || !await roles.isGroupOfOtherRole(tx, { toolId, roleId, ...group })) return null;
  return refuse('entitlement_group.of_other_role', 'Another role of this tool has this group; each role has its own', 'externalGroupId');
}

type Found = { readonly ok: true; readonly externalGroupId: string; readonly name: string } | ReturnType<typeof refuse>;
function readGroup(result: CoreCallResult, core: GroupCommand): Found {
  if (result.kind === 'group') {
    return result.unmanageable === null
      ? { ok: true, externalGroupId: result.externalGroupId, name: result.name }
      : refuse('entitlement_group.unmanageable', result.unmanageable.reason, core.operation === 'tool.bindGroup' ? 'externalGroupId' : undefined);
  }
  if (result.kind === 'groupNameTaken') return refuse('entitlement_group.name_taken', `The provider has a group of this name (${result.externalGroupId}); bind it by its id or choose another name`, 'name');
  if (result.kind !== 'failed') return refuseFailure(result);
  if (result.failure === 'groupNotFound') return refuse('entitlement_group.not_found', 'The provider has no group with this id', 'externalGroupId');
  if (result.failure === 'groupNotManageable') return refuse('entitlement_group.unmanageable', result.detail, 'externalGroupId');
  return refuseFailure(result);
}
