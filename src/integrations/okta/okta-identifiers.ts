import { ProviderFailure } from '../../application/ports/identity-provider.port.js';
import { failureOf } from '../http/provider-failure.js';
import type { CallPurpose } from '../http/provider-failure.js';

/** Ids that mean something else to Okta: the caller itself, and path segments that a URL parser removes. */
const reserved = new Set(['me', '.', '..']);

/**
 * Refuses what must not become a part of a path. An empty id would request `/users/{userId}` as literally written (measured on
 * @okta/okta-sdk-nodejs 8.1.0), and `..` would climb to another resource.
 */
export function checkedId(id: string, missing: 'userNotFound' | 'groupNotFound'): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(id) && !reserved.has(id.toLowerCase())) return id;
  throw new ProviderFailure(missing, `Okta has no ${missing === 'userNotFound' ? 'user' : 'group'} with such an id: it is not in Okta's form`);
}

/** A login (at most 100 characters by Okta's profile schema) or an id. Anything else can't name a user. */
export function checkedLogin(loginOrId: string): string {
  if (loginOrId !== '' && loginOrId.length <= 100 && !/[\u0000-\u001f\u007f]/.test(loginOrId) && !reserved.has(loginOrId.toLowerCase())) return loginOrId;
  throw new ProviderFailure('userNotFound', 'Okta has no user with such a login: it is empty, too long or reserved');
}

/** A string inside an Okta filter expression. */
export function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** Okta's `after` is opaque; what must not be sent is only what could not have come out of a link. */
export function checkedCursor(cursor: string): string {
  if (/^[\x21-\x7e]{1,1024}$/.test(cursor)) return cursor;
  throw new ProviderFailure('rejected', 'This place in a list is none that Okta gave');
}

/** The place that a `next` link names. The link was checked to stay in the org. */
export function cursorOf(call: CallPurpose, next: string): string {
  const after = new URL(next).searchParams.get('after');
  if (after === null || after === '') throw failureOf(call, 'invalidAnswer', 'its page link names no place in the list');
  return after;
}
