import type { ActiveKeys } from './verify-request.js';

/** One active secret of a client; its bytes as UTF-8 are the HMAC key. */
export interface ClientKey {
  readonly id: string;
  /** The only site that this client may act in; null: any. */
  readonly siteId: string | null;
  readonly secret: string;
}

/** The clients that a process knows, each with one active key, or two while one replaces the other. */
export class ClientKeys {
  private readonly byId = new Map<string, { readonly siteId: string | null; readonly keys: Uint8Array[] }>();
  constructor(clientKeys: readonly ClientKey[]) {
    for (const { id, siteId, secret } of clientKeys) {
      const known = this.byId.get(id) ?? { siteId, keys: [] };
      known.keys.push(Buffer.from(secret, 'utf8'));
      this.byId.set(id, known);
    }
  }

  readonly keysOf: ActiveKeys = (id) => this.byId.get(id)?.keys ?? [];
  siteOf(id: string): string | null { return this.byId.get(id)?.siteId ?? null; }
}
