import { ProviderFailure } from '../../application/ports/identity-provider.port.js';

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function checkedGuid(id: string, missing: 'userNotFound' | 'groupNotFound'): string {
  if (guid.test(id)) return id.toLowerCase();
  throw new ProviderFailure(missing, `Microsoft Graph has no ${missing === 'userNotFound' ? 'user' : 'group'} with such an id: it is not a GUID`);
}

/** An object id or a user principal name; anything else can't name a user, and could name something else in a path. */
export function userPath(loginOrId: string): string {
  if (guid.test(loginOrId)) return `/users/${loginOrId.toLowerCase()}`;
  if (!/^[^\s/\\?%\u0000-\u001f\u007f]{1,64}@[a-z0-9.-]{1,255}$/i.test(loginOrId)) {
    throw new ProviderFailure('userNotFound', 'Microsoft Graph has no user with such a login: it is neither a user principal name nor a GUID');
  }
  // A name that begins with a dollar sign needs the key form, where quotes are doubled (Graph reference, "Get a user").
  return loginOrId.startsWith('$') ? `/users('${encodeURIComponent(loginOrId.replaceAll('\'', '\'\''))}')` : `/users/${encodeURIComponent(loginOrId)}`;
}

/** A string inside an OData filter. */
export function odataString(text: string): string {
  return `'${text.replaceAll('\'', '\'\'')}'`;
}

/** The rest of a page link behind the base URL. It must be of the same list: a cursor that came from elsewhere would read something else with our token. */
export function checkedCursor(path: string, cursor: string): string {
  if (/^\/[\x21-\x7e]{1,4000}$/.test(cursor) && cursor.toLowerCase().startsWith(`${path.toLowerCase()}?`)) return cursor;
  throw new ProviderFailure('rejected', 'This place in a list is none that Microsoft Graph gave for it');
}

/** The path of one membership; {@link MemberReference.of} alone makes one, so that nothing else can be deleted. */
export class MemberReference {
  private constructor(readonly path: string) {}

  /**
   * `…/members/{id}/$ref` removes the membership. The same path without `/$ref` deletes the *user*, when the application
   * may (Graph reference, "Remove member", caution).
   */
  static of(groupId: string, objectId: string): MemberReference {
    return new MemberReference(`/groups/${checkedGuid(groupId, 'groupNotFound')}/members/${checkedGuid(objectId, 'userNotFound')}/$ref`);
  }
}
