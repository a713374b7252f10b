import type { ConnectorView } from '../../contracts/connector.contract.js';
import type { JsonObject } from '../../domain/audit/json.js';
import type { ConnectorAddress } from '../ports/connector-store.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import type { AdminDeps } from './admin-deps.js';

/** What the audit trail keeps of a connector: addresses and the kind of credential, never the credential. */
export function connectorJson(name: string, address: ConnectorAddress): JsonObject {
  return address.provider === 'okta'
    ? { name, provider: 'okta', orgUrl: address.orgUrl, auth: address.authKind }
    : { name, provider: 'entra', tenantId: address.tenantId, clientId: address.clientId, authorityHost: address.authorityHost, graphBaseUrl: address.graphBaseUrl, auth: address.authKind };
}

/** The answer to whoever sent the credential; a list or a later read has no notices. */
export const withNotices = (view: ConnectorView, notices: readonly string[]): ConnectorView => (notices.length === 0 ? view : { ...view, notices: [...notices] });

/** @throws Error when the row that this transaction wrote is not there */
export async function viewOf(deps: AdminDeps, tx: SiteTx, id: string): Promise<ConnectorView> {
  const view = await deps.connectors.findView(tx, id);
  if (view === null) throw new Error(`connector ${id} is not there after it was written`);
  return view;
}
