import { z } from 'zod';

/** HMAC-SHA256 takes any key; what is shorter can be guessed. Characters. */
const SHORTEST_SECRET = 32;
const MOST_KEYS = 2;
const ENTRY = /^([^\s,"\\@]{1,128})(?:@([a-z0-9][a-z0-9-]{0,39}))?:([^\s,"\\:@]{1,256})$/;

/** A secret as it may stand in a list of client keys. */
export const signingSecret = z.string().regex(/^[^\s,"\\:@]{32,256}$/, `expected ${SHORTEST_SECRET} to 256 characters without space, comma, colon, quote, backslash and @`);
/** An id that fits into `keyid`. */
export const signingId = z.string().regex(/^[\x21-\x7e]{1,128}$/, 'expected printable ASCII without spaces').refine((id) => !/[",\\@]/.test(id), 'must not contain quote, comma, backslash or @');

/**
 * `id@site:secret,id@site:secret`: who may sign requests. A second entry of an id is its second active key, while one replaces the other. An id may contain colons
 * (Forge's do); what follows the last one is the secret.
 */
export const clientKeys = ({ site }: { readonly site: 'required' | 'optional' }) => z.string().transform((text, ctx) => {
  const keys: ClientKeyEntry[] = [];
  for (const entry of text.split(',').map((part) => part.trim()).filter(Boolean)) {
    const key = readEntry(entry);
    if (key === null || (site === 'required' && key.siteId === null)) {
      ctx.addIssue({ code: 'custom', message: `expected id${site === 'required' ? '@site' : '[@site]'}:secret, comma separated` });
      return z.NEVER;
    }
    keys.push(key);
  }
  const wrong = whatIsWrong(keys);
  if (wrong === null) return keys;
  ctx.addIssue({ code: 'custom', message: wrong });
  return z.NEVER;
});

interface ClientKeyEntry { readonly id: string; readonly siteId: string | null; readonly secret: string }
function readEntry(entry: string): ClientKeyEntry | null {
  const [, id, siteId, secret] = ENTRY.exec(entry) ?? [];
  return id === undefined || secret === undefined ? null : { id, siteId: siteId ?? null, secret };
}
function whatIsWrong(keys: readonly ClientKeyEntry[]): string | null {
  if (keys.some(({ secret }) => secret.length < SHORTEST_SECRET)) return `a secret has fewer than ${SHORTEST_SECRET} characters`;
  if (keys.some(({ id, siteId }) => keys.some((other) => other.id === id && other.siteId !== siteId))) return 'an id belongs to one site';
  return keys.some(({ id }) => keys.filter((other) => other.id === id).length > MOST_KEYS) ? `an id has more than ${MOST_KEYS} active keys` : null;
}
