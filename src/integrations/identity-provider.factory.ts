import { createHmac, randomBytes } from 'node:crypto';
import type { IdentityProviderFactory, IdentityProviderPort, ProviderConnection } from '../application/ports/identity-provider.port.js';
import type { EntraProviderOptions } from './entra/entra-connection.js';
import { createEntraProvider } from './entra/entra-provider.js';
import { createOktaProvider } from './okta/okta-provider.js';

export type IdentityProviderOptions = EntraProviderOptions;

/** Clients that are kept at a time; the one unused for longest goes first. */
const mostClients = 64;

/**
 * Clients by connection. A job opens its connector anew each time, but the client behind it is kept, because access tokens
 * are cached in it: minting one costs more than the membership call. Keyed by a MAC under a key of this process, so that
 * no digest of a credential lies about.
 */
export function createIdentityProviderFactory(options: IdentityProviderOptions = {}): IdentityProviderFactory {
  const key = randomBytes(32);
  const clients = new Map<string, IdentityProviderPort>();
  return (connection) => {
    const id = createHmac('sha256', key).update(JSON.stringify(connection)).digest('base64');
    const client = clients.get(id) ?? open(connection, options);
    clients.delete(id);
    clients.set(id, client);
    const oldest = clients.keys().next();
    if (clients.size > mostClients && oldest.done !== true) clients.delete(oldest.value);
    return client;
  };
}

function open(connection: ProviderConnection, options: IdentityProviderOptions): IdentityProviderPort {
  return connection.provider === 'okta' ? createOktaProvider(connection, options) : createEntraProvider(connection, options);
}
