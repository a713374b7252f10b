import type { BadEntryReason } from './verify-rules.js';

/** The columns of a stored entry that repeat what its body says. */
export interface EntryColumns {
  readonly site: string;
  readonly seq: number;
  readonly eventId: string;
  readonly prevHash: string;
  readonly action: string;
  readonly atMs: number;
  readonly requestId: string | null;
  readonly grantId: string | null;
  readonly actor: string | null;
}

const BODY_END = ',"v":1}';

/** The text of the member `name` in a flat object, compared without parsing; null means it must be absent. */
function holds(flat: string, name: string, value: string | null): boolean {
  return value === null ? !flat.includes(`"${name}":`) : flat.includes(`"${name}":${JSON.stringify(value)}`);
}

/** Members in canonical order: accountId, kind, name. The column is the first of accountId, name, kind that is there. */
function actorMatches(actor: string, label: string | null): boolean {
  if (label === null) return false;
  const quoted = JSON.stringify(label);
  if (actor.startsWith('{"accountId":')) return actor.startsWith(`{"accountId":${quoted},"kind":`);
  return actor.includes(',"name":') ? actor.endsWith(`,"name":${quoted}}`) : actor === `{"kind":${quoted}}`;
}

/**
 * Compares the hashed body with its columns without parsing the body, which would halve the speed of a verification.
 * It can, because the body is canonical: members are sorted (action, actor, at, data, eventId, prevHash, seq, site,
 * subject, v), actor and subject are flat, and an unescaped quote never occurs inside a JSON string, so that the first
 * `},"at":` and the last `,"eventId":` are those of the body itself. Call it for bytes whose MAC was found right.
 */
export function findBodyFault(body: string, columns: EntryColumns): BadEntryReason | null {
  const actorAt = `{"action":"${columns.action}","actor":`;
  if (!body.startsWith('{"action":"') || !body.endsWith(BODY_END)) return 'body.malformed';
  const atAt = body.indexOf(',"at":"');
  const linkAt = body.lastIndexOf(',"eventId":"');
  if (atAt < 0 || linkAt < atAt) return 'body.malformed';
  if (!body.startsWith(actorAt) || !actorMatches(body.slice(actorAt.length, atAt), columns.actor)) return 'column.mismatch';
  if (Date.parse(body.slice(atAt + 7, atAt + 31)) !== columns.atMs) return 'column.mismatch';
  return findLinkFault(body, linkAt, columns);
}

function findLinkFault(body: string, linkAt: number, columns: EntryColumns): BadEntryReason | null {
  const eventId = `,"eventId":${JSON.stringify(columns.eventId)}`;
  if (!body.startsWith(`${eventId},"prevHash":"`, linkAt)) return 'column.mismatch';
  const prevHash = `,"prevHash":"${columns.prevHash}"`;
  const prevAt = linkAt + eventId.length;
  if (!body.startsWith(`${prevHash},"seq":`, prevAt)) return 'body.prev_hash_mismatch';
  const seq = `,"seq":${columns.seq}`;
  const seqAt = prevAt + prevHash.length;
  if (!body.startsWith(`${seq},"site":`, seqAt)) return 'body.seq_mismatch';
  const site = `,"site":${JSON.stringify(columns.site)}`;
  const siteAt = seqAt + seq.length;
  if (!body.startsWith(`${site},"subject":{`, siteAt)) return 'body.site_mismatch';
  const subject = body.slice(siteAt + site.length + 11, body.length - BODY_END.length);
  return holds(subject, 'requestId', columns.requestId) && holds(subject, 'grantId', columns.grantId) ? null : 'column.mismatch';
}
