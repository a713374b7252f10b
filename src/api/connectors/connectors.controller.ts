import { Controller, Inject } from '@nestjs/common';
import type { ConnectorCommands } from '../../application/ports/api-commands.port.js';
import type { CatalogQueries } from '../../application/ports/api-queries.port.js';
import { Call } from '../common/call.js';
import { Endpoint, type CallOf } from '../common/route.js';
import { TOKENS } from '../dependencies.js';
import * as routes from './connectors.routes.js';

@Controller()
export class ConnectorsController {
  constructor(@Inject(TOKENS.connectorCommands) private readonly commands: ConnectorCommands, @Inject(TOKENS.catalogQueries) private readonly queries: CatalogQueries) {}

  @Endpoint(routes.listConnectors)
  list(@Call() call: CallOf<typeof routes.listConnectors>) {
    return this.queries.listConnectors(call.principal, call.query);
  }

  @Endpoint(routes.createConnector)
  create(@Call() call: CallOf<typeof routes.createConnector>) {
    return this.commands.create(call.context, call.body);
  }

  @Endpoint(routes.getConnector)
  find(@Call() call: CallOf<typeof routes.getConnector>) {
    return this.queries.findConnector(call.principal, call.params.id);
  }

  @Endpoint(routes.updateConnector)
  update(@Call() call: CallOf<typeof routes.updateConnector>) {
    return this.commands.update(call.context, { connectorId: call.params.id, patch: call.body, expectedVersion: call.expectedVersion });
  }

  @Endpoint(routes.deleteConnector)
  delete(@Call() call: CallOf<typeof routes.deleteConnector>) {
    return this.commands.delete(call.context, { connectorId: call.params.id, expectedVersion: call.expectedVersion });
  }

  @Endpoint(routes.testConnector)
  test(@Call() call: CallOf<typeof routes.testConnector>) {
    return this.commands.test(call.context, { connectorId: call.params.id });
  }

  @Endpoint(routes.runConformance)
  conformance(@Call() call: CallOf<typeof routes.runConformance>) {
    return this.commands.conformance(call.context, { connectorId: call.params.id, run: call.body });
  }

  @Endpoint(routes.enableConnector)
  enable(@Call() call: CallOf<typeof routes.enableConnector>) {
    return this.commands.enable(call.context, { connectorId: call.params.id });
  }

  @Endpoint(routes.disableConnector)
  disable(@Call() call: CallOf<typeof routes.disableConnector>) {
    return this.commands.disable(call.context, { connectorId: call.params.id });
  }
}
