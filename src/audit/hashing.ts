import { createHmac, createSecretKey, hash, hkdfSync, timingSafeEqual, type KeyObject } from 'node:crypto';
import canonicalize from 'canonicalize';
import { actorLabel, type AuditDraft, type AuditEntryBody } from '../domain/audit/entry.js';
import type { JsonObject, JsonValue } from '../domain/audit/json.js';
import type { ChainPoint } from '../domain/audit/verify-rules.js';

/**
 * Every hash and MAC starts with its own label, so that a value made for one purpose can never pass for another; also
 * not for a Merkle leaf, which starts with the byte 0 (RFC 6962). All results are lower-case hex.
 */
const LABEL = {
  genesis: 'aiclearance/audit/v1/genesis\n',
  entry: 'aiclearance/audit/v1/entry\n',
  mac: 'aiclearance/audit/v1/mac\n',
  rotation: 'aiclearance/audit/v1/key-rotation\n',
  siteKey: 'aiclearance/audit/v1/site-key',
} as const;

/**
 * RFC 8785 text of a value that `validateDraft` let through.
 * @throws Error for values outside JSON (a caller skipped the reading).
 */
export function canonicalJson(value: JsonValue | AuditEntryBody | AuditDraft): string {
  const text = canonicalize(value);
  if (text === undefined) throw new Error('Only JSON values have a canonical form.');
  return text;
}

/** `prevHash` of a site's first entry: bound to the site, so that no chain can be shown as another site's. */
export const genesisHash = (site: string): string => hash('sha256', LABEL.genesis + site, 'hex');
/** Where a site's chain begins. */
export const genesisPoint = (site: string): ChainPoint => ({ seq: 0, entryHash: genesisHash(site) });
/** SHA-256 over the label and the stored bytes. */
export const entryHashOf = (body: string): string => hash('sha256', LABEL.entry + body, 'hex');

export interface MacKey {
  readonly id: string;
  /** 32 bytes in base64url. */
  readonly key: string;
}

/**
 * The MAC keys of the audit chain. The first one seals; all of them verify. A new key goes to the front and the old one
 * stays behind it for as long as entries under it are kept. Each site has a key of its own, derived with HKDF-SHA256.
 * The MAC is over the key id and the entry's hash: the hash stands for the bytes, which are then read once only.
 */
export class MacKeyRing {
  private readonly master = new Map<string, Buffer>();
  /** Key id → site → key. */
  private readonly derived = new Map<string, Map<string, KeyObject>>();
  /** Id of the key that seals. */
  readonly currentId: string;

  /** @throws Error for an empty ring, a repeated id or a key that is not 32 bytes long. */
  constructor(keys: readonly MacKey[]) {
    for (const { id, key } of keys) {
      const bytes = Buffer.from(key, 'base64url');
      if (bytes.length !== 32) throw new Error(`The audit MAC key ${id} must be 32 bytes in base64url.`);
      if (this.master.has(id)) throw new Error(`The audit MAC key ${id} is in the ring twice.`);
      this.master.set(id, bytes);
      this.derived.set(id, new Map());
    }
    const first = keys[0];
    if (first === undefined) throw new Error('The audit MAC key ring is empty.');
    this.currentId = first.id;
  }

  /** @throws Error when the ring has no such key. */
  mac(keyId: string, site: string, entryHash: string): string {
    return this.digest(keyId, site, `${LABEL.mac}${keyId}\n${entryHash}`).toString('hex');
  }

  /** Compares in constant time. `keyUnknown` when the ring has no such key. */
  check(keyId: string, site: string, entryHash: string, mac: string): 'ok' | 'mismatch' | 'keyUnknown' {
    if (!this.master.has(keyId)) return 'keyUnknown';
    return sameHex(this.digest(keyId, site, `${LABEL.mac}${keyId}\n${entryHash}`), mac) ? 'ok' : 'mismatch';
  }

  /** What the outgoing key says about its successor at this place of the chain; null when the ring no longer has it. */
  rotationProof(change: { readonly from: string; readonly to: string }, site: string, prevHash: string): string | null {
    if (!this.master.has(change.from)) return null;
    return this.digest(change.from, site, `${LABEL.rotation}${change.from}\n${change.to}\n${prevHash}`).toString('hex');
  }

  private digest(keyId: string, site: string, text: string): Buffer {
    return createHmac('sha256', this.siteKey(keyId, site)).update(text).digest();
  }

  private siteKey(keyId: string, site: string): KeyObject {
    const known = this.derived.get(keyId)?.get(site);
    if (known !== undefined) return known;
    const master = this.master.get(keyId);
    if (master === undefined) throw new Error(`The audit MAC key ring has no key ${keyId}.`);
    const key = createSecretKey(Buffer.from(hkdfSync('sha256', master, LABEL.siteKey, site, 32)));
    this.derived.get(keyId)?.set(site, key);
    return key;
  }
}

function sameHex(digest: Buffer, hex: string): boolean {
  const claimed = Buffer.from(hex, 'hex');
  // Buffer.from stops at the first character that is not hex, so the length is compared as well as the bytes.
  return hex.length === digest.length * 2 && claimed.length === digest.length && timingSafeEqual(claimed, digest);
}

/** A row of `audit_event` without its outbox id and time of sealing. */
export interface SealedEntry {
  readonly site: string;
  readonly seq: number;
  readonly eventId: string;
  readonly action: string;
  readonly at: string;
  readonly requestId: string | null;
  readonly grantId: string | null;
  readonly actor: string;
  readonly body: string;
  readonly prevHash: string;
  readonly entryHash: string;
  readonly entryMac: string;
  readonly keyId: string;
}

/** Seals a draft as the entry after `previous`, with the ring's current key. */
export function sealEntry(ring: MacKeyRing, site: string, previous: ChainPoint, eventId: string, draft: AuditDraft): SealedEntry {
  const seq = previous.seq + 1;
  const prevHash = previous.entryHash;
  const body = canonicalJson({ v: 1, site, seq, eventId, prevHash, ...draft });
  const entryHash = entryHashOf(body);
  const keyId = ring.currentId;
  return {
    site, seq, eventId, action: draft.action, at: draft.at, body, prevHash, entryHash, keyId,
    requestId: draft.subject.requestId ?? null, grantId: draft.subject.grantId ?? null, actor: actorLabel(draft.actor),
    entryMac: ring.mac(keyId, site, entryHash),
  };
}

/** Data of the `audit.key_rotated` entry that must stand wherever the key id changes; `proof` ties it to the key before. */
export function rotationData(ring: MacKeyRing, from: string, site: string, prevHash: string): JsonObject {
  return { from, to: ring.currentId, proof: ring.rotationProof({ from, to: ring.currentId }, site, prevHash) };
}
