import { randomUUID } from 'node:crypto';
import { cancelImport } from '../../src/application/mapping-imports/cancel-import.js';
import { importMappings, type ImportDeps } from '../../src/application/mapping-imports/import-mappings.js';
import type { CommandContext } from '../../src/application/ports/api-commands.port.js';
import type { ImportEntry, MappingImportView } from '../../src/contracts/identity-mapping.contract.js';
import { createMappingImportEngine } from '../../src/engine/mapping-import-engine.js';
import { PgConnectorStore } from '../../src/persistence/stores/connector.store.js';
import { PgMappingImportStore } from '../../src/persistence/stores/mapping-import.store.js';
import { SITE, type TestProduct } from './product.js';

/** Okta people of these names, each to be mapped to a new account. */
export async function peopleToMap(product: TestProduct, names: readonly string[]): Promise<readonly { readonly accountId: string; readonly login: string }[]> {
  return Promise.all(names.map(async (name) => {
    const login = `${name}-${randomUUID()}@acme.example`;
    await product.oktaControl.send('POST', 'users', { login, firstName: 'To', lastName: 'Map' });
    return { accountId: `acc-${randomUUID()}`, login };
  }));
}

const depsOf = (product: TestProduct): ImportDeps => ({
  uow: product.uow, commands: product.deps.commands, imports: new PgMappingImportStore(), connectors: new PgConnectorStore(), sealer: product.sealer,
  importEngine: createMappingImportEngine(product.client, 'governance'), newId: randomUUID, pause: () => Promise.resolve(), log: () => undefined,
});
const by = (methodAndPath: string): CommandContext =>
  ({ principal: { siteId: SITE, accountId: 'acc-admin', kind: 'person', roles: new Set(['requester', 'admin']) }, idempotencyKey: null, methodAndPath, bodyHash: 'hash', correlationId: 'test' });

/** Sends the rows as a file, as an admin does, and does not wait for them. Returns the import's id. */
export async function startMappingImport(product: TestProduct, rows: readonly { readonly accountId: string; readonly login: string }[]): Promise<string> {
  const entries = async function* entries(): AsyncGenerator<ImportEntry> {
    await Promise.resolve();
    for (const [at, { accountId, login }] of rows.entries()) yield { line: at + 2, row: { accountId, provider: 'okta', externalLogin: login } };
  };
  const outcome = await importMappings(depsOf(product), by('POST /identity-mappings/import'), { entries: entries(), query: { dryRun: false, aliases: 'refuse' }, hash: () => randomUUID() });
  if (!outcome.ok) throw new Error(outcome.refusal.code);
  return outcome.body.id;
}

export async function cancelMappingImport(product: TestProduct, importId: string): Promise<MappingImportView> {
  const outcome = await cancelImport(depsOf(product), by('POST /identity-mappings/imports/cancel'), importId);
  if (!outcome.ok) throw new Error(outcome.refusal.code);
  return outcome.body;
}
