import { err, ok, type Result } from '../kernel/result.js';
import { isAuditAction, type AuditAction } from './actions.js';
import { isJsonObject, readJson, type JsonObject, type JsonRefusalCode, type JsonValue } from './json.js';

/** Who acted. `provider` is the identity provider or Jira, where a change was made there and found by us. */
export const ACTOR_KINDS = ['person', 'system', 'policy', 'service', 'provider'] as const;
export type AuditActorKind = (typeof ACTOR_KINDS)[number];
export interface AuditActor {
  readonly kind: AuditActorKind;
  /** Jira account id; required of a person. */
  readonly accountId?: string;
  /** Client id of a service, name of a policy, sweep or provider; never a person's name. */
  readonly name?: string;
}

/** What an entry is about, by id. Sorted and closed: filters, exports and evidence packs rely on the names. */
export const SUBJECT_KEYS = [
  'accountId', 'commandId', 'connectorId', 'exceptionId', 'exportId', 'findingId', 'grantId', 'groupId', 'intakeEventId', 'intentId', 'issueKey', 'jobId', 'manualActionId',
  'mappingId', 'massActionId', 'membershipId', 'policyId', 'projectKey', 'requestId', 'reviewId', 'roleKey', 'settingKey', 'toolKey', 'verificationId',
] as const;
export type AuditSubjectKey = (typeof SUBJECT_KEYS)[number];
export type AuditSubject = { readonly [K in AuditSubjectKey]?: string };

/** What a business transaction writes to the outbox. The sealer adds site, seq, event id and the link to the previous entry. */
export interface AuditDraft {
  readonly action: AuditAction;
  readonly actor: AuditActor;
  readonly subject: AuditSubject;
  /** Facts of the event; ids, codes, hashes and counts. No secret, no external identity in clear (SPEC F14, O4). */
  readonly data: JsonObject;
  /** Domain time of the event, ISO 8601 UTC with milliseconds. */
  readonly at: string;
}

/** The members of a sealed entry. Its RFC 8785 text is what is stored, hashed and exported. */
export interface AuditEntryBody extends AuditDraft {
  readonly v: 1;
  readonly site: string;
  /** From 1, without gaps, per site. The Merkle leaf index is `seq - 1`. */
  readonly seq: number;
  readonly eventId: string;
  /** `entryHash` of `seq - 1`; the site's genesis hash for 1. */
  readonly prevHash: string;
}

export type DraftRefusalCode =
  | JsonRefusalCode
  | 'draft.not_an_object'
  | 'draft.unknown_field'
  | 'draft.missing_field'
  | 'action.unknown'
  | 'at.malformed'
  | 'actor.malformed'
  | 'actor.account_missing'
  | 'subject.unknown_key'
  | 'subject.malformed';
export interface DraftRefusal { readonly code: DraftRefusalCode; readonly path: string }

export const MAX_ID_LENGTH = 256;

const FIELDS: ReadonlySet<string> = new Set(['action', 'actor', 'at', 'data', 'subject']);
const refuse = (code: DraftRefusalCode, path: string): Result<never, DraftRefusal> => err({ code, path });
const isId = (value: JsonValue | undefined): value is string => typeof value === 'string' && value.length > 0 && value.length <= MAX_ID_LENGTH;
const isActorKind = (value: JsonValue | undefined): value is AuditActorKind => ACTOR_KINDS.some((kind) => kind === value);
const isSubjectKey = (name: string): name is AuditSubjectKey => SUBJECT_KEYS.some((key) => key === name);

/** Four-digit years only: an expanded year would sort and parse differently in Postgres. */
const AT_FORM = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
function isInstant(text: JsonValue | undefined): text is string {
  if (typeof text !== 'string' || !AT_FORM.test(text)) return false;
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === text;
}

function readActor(value: JsonValue | undefined): Result<AuditActor, DraftRefusal> {
  if (!isJsonObject(value)) return refuse('actor.malformed', 'actor');
  const { kind, accountId, name, ...rest } = value;
  if (!isActorKind(kind) || Object.keys(rest).length > 0) return refuse('actor.malformed', 'actor');
  if (accountId !== undefined && !isId(accountId)) return refuse('actor.malformed', 'actor.accountId');
  if (name !== undefined && !isId(name)) return refuse('actor.malformed', 'actor.name');
  if (kind === 'person' && accountId === undefined) return refuse('actor.account_missing', 'actor.accountId');
  return ok({ kind, ...(accountId === undefined ? {} : { accountId }), ...(name === undefined ? {} : { name }) });
}

function readSubject(value: JsonValue | undefined): Result<AuditSubject, DraftRefusal> {
  if (!isJsonObject(value)) return refuse('subject.malformed', 'subject');
  const subject: { [K in AuditSubjectKey]?: string } = {};
  for (const [name, id] of Object.entries(value)) {
    if (!isSubjectKey(name)) return refuse('subject.unknown_key', `subject.${name}`);
    if (!isId(id)) return refuse('subject.malformed', `subject.${name}`);
    subject[name] = id;
  }
  return ok(subject);
}

/**
 * Reads a draft strictly: closed action and subject names, canonical-JSON-safe values, at most 32 KiB and 16 levels.
 * Call it before the business transaction writes its outbox row: a store that meets a refusal throws, so that a change
 * without its audit row is rolled back (SPEC E2) and never silently unrecorded.
 */
export function validateDraft(input: unknown): Result<AuditDraft, DraftRefusal> {
  const json = readJson(input);
  if (!json.ok) return json;
  const draft = json.value.value;
  if (!isJsonObject(draft)) return refuse('draft.not_an_object', '');
  const misnamed = findMisnamedField(draft);
  if (misnamed !== null) return err(misnamed);
  const { action, at, data } = draft;
  if (typeof action !== 'string' || !isAuditAction(action)) return refuse('action.unknown', 'action');
  if (!isInstant(at)) return refuse('at.malformed', 'at');
  if (!isJsonObject(data)) return refuse('value.not_json', 'data');
  const actor = readActor(draft['actor']);
  if (!actor.ok) return actor;
  const subject = readSubject(draft['subject']);
  return subject.ok ? ok({ action, actor: actor.value, subject: subject.value, data, at }) : subject;
}

function findMisnamedField(draft: JsonObject): DraftRefusal | null {
  const unknown = Object.keys(draft).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) return { code: 'draft.unknown_field', path: unknown };
  const missing = [...FIELDS].find((name) => !Object.hasOwn(draft, name));
  return missing === undefined ? null : { code: 'draft.missing_field', path: missing };
}

/** The value of the `actor` column: the most specific name of who acted. */
export const actorLabel = (actor: AuditActor): string => actor.accountId ?? actor.name ?? actor.kind;
