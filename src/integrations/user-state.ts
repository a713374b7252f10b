import { ProviderFailure } from '../application/ports/identity-provider.port.js';
import type { ProviderUser, ProviderUserState } from '../application/ports/identity-provider.port.js';

/** The state that one look tells; only the provider's own word for "no such user" reads as deleted, any other failure is passed on. */
export async function stateOf(look: () => Promise<ProviderUser>): Promise<ProviderUserState['state']> {
  try {
    return (await look()).state;
  } catch (error) {
    if (error instanceof ProviderFailure && error.kind === 'userNotFound') return 'deleted';
    throw error;
  }
}
