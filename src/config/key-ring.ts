import { z } from 'zod';

/** 32 bytes in base64url. */
export const base64Key = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'expected 32 bytes in base64url');

/** `kid:key,kid:key`; the first one seals, all of them open (rotation). */
export const keyRing = z.string().transform((text, ctx) => {
  const ring = text.split(',').map((entry) => entry.trim().split(':'));
  const keys: { id: string; key: string }[] = [];
  for (const [id, key] of ring) {
    if (id === undefined || key === undefined || !/^[A-Za-z0-9._-]{1,32}$/.test(id) || !base64Key.safeParse(key).success) {
      ctx.addIssue({ code: 'custom', message: 'expected keyId:base64url(32 bytes), comma separated' });
      return z.NEVER;
    }
    keys.push({ id, key });
  }
  return keys;
});
