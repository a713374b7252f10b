import { Controller, Inject } from '@nestjs/common';
import type { MappingCommands } from '../../application/ports/api-commands.port.js';
import type { CatalogQueries } from '../../application/ports/api-queries.port.js';
import { Call } from '../common/call.js';
import { fieldProblem } from '../common/problem.js';
import { Endpoint, type CallOf } from '../common/route.js';
import { TOKENS } from '../dependencies.js';
import { readMappingsCsv } from './csv.js';
import * as routes from './identity-mappings.routes.js';

@Controller()
export class IdentityMappingsController {
  constructor(@Inject(TOKENS.mappingCommands) private readonly commands: MappingCommands, @Inject(TOKENS.catalogQueries) private readonly queries: CatalogQueries) {}

  @Endpoint(routes.listMappings)
  list(@Call() call: CallOf<typeof routes.listMappings>) {
    return this.queries.listMappings(call.principal, call.query);
  }

  @Endpoint(routes.createMapping)
  create(@Call() call: CallOf<typeof routes.createMapping>) {
    return this.commands.create(call.context, call.body);
  }

  @Endpoint(routes.importMappings)
  import(@Call() call: CallOf<typeof routes.importMappings>) {
    const rows = readMappingsCsv(call.body.csv);
    if (!rows.ok) throw fieldProblem('body.invalid', 'The CSV is not accepted; nothing was imported', rows.error);
    return this.commands.import(call.context, { rows: rows.value });
  }

  @Endpoint(routes.getMapping)
  find(@Call() call: CallOf<typeof routes.getMapping>) {
    return this.queries.findMapping(call.principal, call.params.id);
  }

  @Endpoint(routes.updateMapping)
  update(@Call() call: CallOf<typeof routes.updateMapping>) {
    return this.commands.update(call.context, { mappingId: call.params.id, patch: call.body, expectedVersion: call.expectedVersion });
  }

  @Endpoint(routes.deleteMapping)
  delete(@Call() call: CallOf<typeof routes.deleteMapping>) {
    return this.commands.delete(call.context, { mappingId: call.params.id, expectedVersion: call.expectedVersion });
  }
}
