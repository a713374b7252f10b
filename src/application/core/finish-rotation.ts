import type { ConnectorView } from '../../contracts/connector.contract.js';
import { done, refuse } from '../commands/outcome.js';
import type { CommandOutcome } from '../ports/api-commands.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import type { AskedBy } from './call-failure.js';
import type { CoreCallResult } from './core-call.js';
import type { CoreCallStores } from './core-call-stores.js';
import { endExpiryWarnings } from './end-expiry-warnings.js';
import { readTest } from './finish-test.js';
import type { CoreCommand } from './record-core-call.js';

/**
 * Puts a credential that passed its test in the place of the old one; the connector stays enabled. Orders that are under way carry the old one and end with
 * it, or try again with the new one. One that did not pass, or whose connector changed meanwhile, changes nothing.
 */
export async function finishRotation(stores: CoreCallStores, tx: SiteTx, core: CoreCommand & { readonly operation: 'connector.rotate' }, result: CoreCallResult, by: AskedBy): Promise<CommandOutcome<ConnectorView>> {
  const connector = await stores.connectors.lock(tx, core.connectorId);
  if (connector === null) return refuse('connector.not_found', 'The connector was deleted while the credential was tested');
  if (connector.rowVersion !== core.rowVersion) return refuse('if_match.stale', 'The connector was changed while the credential was tested; look at it and send the credential again');
  const test = readTest(result, tx.now.toISOString());
  if (!test.ok) return refuse('connector.credential_refused', `The new credential failed its test and the old one stays: ${reasonOf(test)}`, 'auth');
  await stores.connectors.update(tx, connector.id, { name: core.name, address: core.address, sealedConfig: core.sealedConfig, test, credential: core.credential });
  await endExpiryWarnings(stores.connectors, tx, connector.id, by.actor);
  const subject = { connectorId: connector.id, commandId: by.commandId };
  await tx.audit({ action: 'connector.tested', actor: by.actor, subject, data: { ok: true, missing: [], failure: null } });
  await tx.audit({ action: 'connector.updated', actor: by.actor, subject, data: { changes: {}, credentialReplaced: true, auth: core.address.authKind, credentialExpiresAt: core.credential.expiresAt } });
  const view = await stores.connectors.findView(tx, connector.id);
  if (view === null) throw new Error(`connector ${connector.id} is not there after it was written`);
  return done(200, core.notices.length === 0 ? view : { ...view, notices: [...core.notices] });
}

function reasonOf({ failure, abilities }: ReturnType<typeof readTest>): string {
  if (failure !== null) return failure.detail;
  return abilities.filter(({ ok }) => !ok).map(({ ability, detail }) => (detail === undefined ? ability : `${ability}: ${detail}`)).join('; ');
}
