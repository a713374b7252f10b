import { createHmac, randomBytes } from 'node:crypto';
import type { CallPriority } from '../domain/budget/rate-budget.js';
import type { IdentityProviderFactory, IdentityProviderPort, ProviderConnection } from '../application/ports/identity-provider.port.js';
import type { EntraProviderOptions } from './entra/entra-connection.js';
import { openEntra } from './entra/entra-provider.js';
import { openOkta } from './okta/okta-provider.js';

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
  const clients = new Map<string, Opened>();
  return (connection, priority = 'read') => {
    const id = createHmac('sha256', key).update(JSON.stringify(connection)).digest('base64');
    const client = clients.get(id) ?? open(connection, options);
    clients.delete(id);
    clients.set(id, client);
    const oldest = clients.keys().next();
    if (clients.size > mostClients && oldest.done !== true) clients.delete(oldest.value);
    return client(priority);
  };
}

type Opened = (priority: CallPriority) => IdentityProviderPort;
function open(connection: ProviderConnection, options: IdentityProviderOptions): Opened {
  const opened = connection.provider === 'okta' ? openOkta(connection, options) : openEntra(connection, options);
  const ports = new Map<CallPriority, IdentityProviderPort>();
  return (priority) => {
    const port = ports.get(priority) ?? opened(priority);
    ports.set(priority, port);
    return port;
  };
}
