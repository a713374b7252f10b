import { Controller, Inject } from '@nestjs/common';
import type { CatalogCommands } from '../../application/ports/api-commands.port.js';
import type { CatalogQueries } from '../../application/ports/api-queries.port.js';
import type { RoleEntitlement } from '../../domain/catalog/entitlement.js';
import { Call } from '../common/call.js';
import { Endpoint, type CallOf } from '../common/route.js';
import { TOKENS } from '../dependencies.js';
import * as routes from './tools.routes.js';

const entitlementOf = ({ key, roleKey }: { readonly key: string; readonly roleKey: string }): RoleEntitlement => ({ toolKey: key, roleKey });

/** SPEC K3. */
@Controller()
export class ToolRolesController {
  constructor(@Inject(TOKENS.catalogCommands) private readonly commands: CatalogCommands, @Inject(TOKENS.catalogQueries) private readonly queries: CatalogQueries) {}

  @Endpoint(routes.listToolRoles)
  list(@Call() call: CallOf<typeof routes.listToolRoles>) {
    return this.queries.listToolRoles(call.principal, call.params.key, call.query);
  }

  @Endpoint(routes.createToolRole)
  create(@Call() call: CallOf<typeof routes.createToolRole>) {
    return this.commands.createToolRole(call.context, { toolKey: call.params.key, role: call.body });
  }

  @Endpoint(routes.getToolRole)
  find(@Call() call: CallOf<typeof routes.getToolRole>) {
    return this.queries.findToolRole(call.principal, entitlementOf(call.params));
  }

  @Endpoint(routes.updateToolRole)
  update(@Call() call: CallOf<typeof routes.updateToolRole>) {
    return this.commands.updateToolRole(call.context, { of: entitlementOf(call.params), patch: call.body, expectedVersion: call.expectedVersion });
  }

  @Endpoint(routes.deleteToolRole)
  delete(@Call() call: CallOf<typeof routes.deleteToolRole>) {
    return this.commands.deleteToolRole(call.context, { of: entitlementOf(call.params), expectedVersion: call.expectedVersion });
  }

  @Endpoint(routes.setRoleGroup)
  setEntitlementGroup(@Call() call: CallOf<typeof routes.setRoleGroup>) {
    return this.commands.setEntitlementGroup(call.context, { of: entitlementOf(call.params), group: call.body });
  }

  @Endpoint(routes.readRoleGroupApps)
  readGroupApps(@Call() call: CallOf<typeof routes.readRoleGroupApps>) {
    return this.commands.readGroupApps(call.context, { of: entitlementOf(call.params) });
  }

  @Endpoint(routes.confirmRoleAssignment)
  confirmAssignment(@Call() call: CallOf<typeof routes.confirmRoleAssignment>) {
    return this.commands.confirmAssignment(call.context, { ...call.body, of: entitlementOf(call.params) });
  }
}
