import type { ConnectorTest } from '../../contracts/connector.contract.js';
import { done, refuse } from '../commands/outcome.js';
import type { CommandOutcome } from '../ports/api-commands.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import type { AskedBy } from './call-failure.js';
import type { CoreCallResult } from './core-call.js';
import type { CoreCallStores } from './core-call-stores.js';
import type { CoreCommand } from './record-core-call.js';

/** Keeps the test's result with the connector (SPEC F3). A failed test is an answer; one of a configuration that changed meanwhile says nothing and is refused. */
export async function finishTest(stores: CoreCallStores, tx: SiteTx, core: CoreCommand & { readonly operation: 'connector.test' }, result: CoreCallResult, by: AskedBy): Promise<CommandOutcome<ConnectorTest>> {
  const connector = await stores.connectors.lock(tx, core.connectorId);
  if (connector === null) return refuse('connector.not_found', 'The connector was deleted while it was tested');
  if (connector.rowVersion !== core.rowVersion) return refuse('if_match.stale', 'The connector was changed while it was tested; test it again');
  const test = readTest(result, tx.now.toISOString());
  await stores.connectors.update(tx, connector.id, { test });
  const missing = test.abilities.filter((ability) => !ability.ok).map((ability) => ability.ability);
  await tx.audit({ action: 'connector.tested', actor: by.actor, subject: { connectorId: connector.id, commandId: by.commandId }, data: { ok: test.ok, missing, failure: test.failure?.code ?? null } });
  return done(200, test);
}

export function readTest(result: CoreCallResult, testedAt: string): ConnectorTest {
  if (result.kind === 'failed') return { ok: false, testedAt, abilities: [], failure: { code: result.failure, detail: result.detail } };
  if (result.kind !== 'tested') throw new Error(`a connector test ended with "${result.kind}"`);
  const abilities = result.abilities.map((ability) => ({ ...ability }));
  return { ok: abilities.length > 0 && abilities.every((ability) => ability.ok), testedAt, abilities, failure: null };
}
