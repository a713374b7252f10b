import { ProviderFailure, type IdentityProviderPort } from '../ports/identity-provider.port.js';

/**
 * A 404 while removing is no proof of removal (facts: deactivated users answer 404 too). Asked once more on its own: a person or a group that the provider no longer
 * knows can't be a member or have one. Null when that is not established.
 */
export async function goneForGood(provider: IdentityProviderPort, groupId: string, userId: string, failure: ProviderFailure): Promise<{ readonly code: string; readonly detail: string } | null> {
  if (failure.kind === 'groupNotFound' && (await isUnknown(() => provider.getGroup(groupId), 'groupNotFound'))) return { code: 'group.deleted', detail: 'The group no longer exists at the provider' };
  if (failure.kind === 'userNotFound' && (await isUnknown(() => provider.getUser(userId), 'userNotFound'))) return { code: 'user.deleted', detail: 'The person no longer exists at the provider' };
  return null;
}

async function isUnknown(ask: () => Promise<unknown>, kind: ProviderFailure['kind']): Promise<boolean> {
  try {
    await ask();
    return false;
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    return error.kind === kind;
  }
}
