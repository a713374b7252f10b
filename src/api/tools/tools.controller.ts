import { Controller, Inject } from '@nestjs/common';
import type { CatalogCommands } from '../../application/ports/api-commands.port.js';
import type { CatalogQueries } from '../../application/ports/api-queries.port.js';
import { Call } from '../common/call.js';
import { Endpoint, type CallOf } from '../common/route.js';
import { TOKENS } from '../dependencies.js';
import * as routes from './tools.routes.js';

@Controller()
export class ToolsController {
  constructor(@Inject(TOKENS.catalogCommands) private readonly commands: CatalogCommands, @Inject(TOKENS.catalogQueries) private readonly queries: CatalogQueries) {}

  @Endpoint(routes.listTools)
  list(@Call() call: CallOf<typeof routes.listTools>) {
    return this.queries.listTools(call.principal, call.query);
  }

  @Endpoint(routes.createTool)
  create(@Call() call: CallOf<typeof routes.createTool>) {
    return this.commands.createTool(call.context, call.body);
  }

  @Endpoint(routes.seedCatalog)
  seed(@Call() call: CallOf<typeof routes.seedCatalog>) {
    return this.commands.seedStarterCatalog(call.context);
  }

  @Endpoint(routes.getTool)
  find(@Call() call: CallOf<typeof routes.getTool>) {
    return this.queries.findTool(call.principal, call.params.key);
  }

  @Endpoint(routes.updateTool)
  update(@Call() call: CallOf<typeof routes.updateTool>) {
    return this.commands.updateTool(call.context, { key: call.params.key, patch: call.body, expectedVersion: call.expectedVersion });
  }

  @Endpoint(routes.deleteTool)
  delete(@Call() call: CallOf<typeof routes.deleteTool>) {
    return this.commands.deleteTool(call.context, { key: call.params.key, expectedVersion: call.expectedVersion });
  }

  @Endpoint(routes.setEntitlementGroup)
  setEntitlementGroup(@Call() call: CallOf<typeof routes.setEntitlementGroup>) {
    return this.commands.setEntitlementGroup(call.context, { of: { toolKey: call.params.key, roleKey: null }, group: call.body });
  }

  @Endpoint(routes.readGroupApps)
  readGroupApps(@Call() call: CallOf<typeof routes.readGroupApps>) {
    return this.commands.readGroupApps(call.context, { of: { toolKey: call.params.key, roleKey: null } });
  }

  @Endpoint(routes.confirmAssignment)
  confirmAssignment(@Call() call: CallOf<typeof routes.confirmAssignment>) {
    return this.commands.confirmAssignment(call.context, { ...call.body, of: { toolKey: call.params.key, roleKey: null } });
  }
}
