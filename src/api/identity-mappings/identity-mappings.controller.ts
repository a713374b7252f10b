import { createHash } from 'node:crypto';
import { Controller, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { MappingCommands } from '../../application/ports/api-commands.port.js';
import type { CatalogQueries } from '../../application/ports/api-queries.port.js';
import type { MappingImportCommands, MappingImportQueries } from '../../application/ports/mapping-import.port.js';
import { Call } from '../common/call.js';
import { canonicalJson } from '../common/canonical-json.js';
import { problemOf } from '../common/problem.js';
import { Endpoint, type CallOf } from '../common/route.js';
import { TOKENS } from '../dependencies.js';
import { readMappingsCsv, textOf } from './csv.js';
import * as routes from './identity-mappings.routes.js';

@Controller()
export class IdentityMappingsController {
  constructor(
    @Inject(TOKENS.mappingCommands) private readonly commands: MappingCommands,
    @Inject(TOKENS.catalogQueries) private readonly queries: CatalogQueries,
    @Inject(TOKENS.mappingImportCommands) private readonly imports: MappingImportCommands,
    @Inject(TOKENS.mappingImportQueries) private readonly importQueries: MappingImportQueries,
  ) {}

  @Endpoint(routes.listMappings)
  list(@Call() call: CallOf<typeof routes.listMappings>) {
    return this.queries.listMappings(call.principal, call.query);
  }

  @Endpoint(routes.createMapping)
  create(@Call() call: CallOf<typeof routes.createMapping>) {
    return this.commands.create(call.context, call.body);
  }

  /** A file is read while it arrives; the same file with another wish is another command. */
  @Endpoint(routes.importMappings)
  import(@Call() call: CallOf<typeof routes.importMappings>) {
    const { query, csv, body } = call;
    const sum = createHash('sha256').update(`${canonicalJson(query)}\n`);
    const bytes = csv?.bytes ?? (function* one() { yield Buffer.from(body?.csv ?? '', 'utf8'); })();
    return this.imports.import(call.context, { entries: readMappingsCsv(textOf(bytes, (some) => sum.update(some))), query, hash: () => sum.digest('hex') });
  }

  @Endpoint(routes.listMappingImports)
  listImports(@Call() call: CallOf<typeof routes.listMappingImports>) {
    return this.importQueries.list(call.principal, call.query);
  }

  @Endpoint(routes.cancelMappingImport)
  cancelImport(@Call() call: CallOf<typeof routes.cancelMappingImport>) {
    return this.imports.cancel(call.context, { id: call.params.id });
  }

  @Endpoint(routes.getMappingImport)
  findImport(@Call() call: CallOf<typeof routes.getMappingImport>) {
    return this.importQueries.find(call.principal, call.params.id);
  }

  @Endpoint(routes.listMappingImportRows)
  importRows(@Call() call: CallOf<typeof routes.listMappingImportRows>) {
    return this.importQueries.rows(call.principal, call.params.id, call.query);
  }

  @Endpoint(routes.exportMappingImport)
  async exportImport(@Call() call: CallOf<typeof routes.exportMappingImport>, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const text = await this.importQueries.export(call.principal, call.params.id);
    if (text === null) throw problemOf('mapping_import.not_found', 'There is nothing under this path');
    void reply.header('content-type', 'text/csv; charset=utf-8').header('content-disposition', 'attachment; filename="identity-mappings-import.csv"');
    return text;
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
