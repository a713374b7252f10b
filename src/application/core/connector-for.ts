import type { ConnectorStore } from '../ports/connector-store.port.js';
import type { Provider } from '../ports/identity-provider.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';

/** The enabled connector that a login is resolved through: the one that is named, otherwise the provider's oldest. Null: there is none. */
export async function connectorFor(deps: { readonly connectors: ConnectorStore }, tx: SiteTx, provider: Provider, connectorId: string | null): Promise<{ readonly id: string } | null> {
  const enabled = await deps.connectors.listEnabled(tx, provider);
  return (connectorId === null ? enabled[0] : enabled.find(({ id }) => id === connectorId)) ?? null;
}
