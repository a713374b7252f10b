import { randomUUID } from 'node:crypto';
import type {
  CaseRows, CommandRow, GrantRow, IntentRow, JobRow, ManualActionRow, MassActionItemState, MembershipRow, Patch, RecordStore, RequestRow, ReviewRow,
} from '../../application/ports/record.port.js';
import type { Licence } from '../../domain/connector/licence.js';
import type { GrantStatus } from '../../domain/grant/grant.js';
import { fromRow, insertInto, setList } from '../rows.js';
import type { PgSiteTx } from '../unit-of-work.js';
import { insertLeaverHint } from './leaver.store.js';
import * as premises from './premise.store.js';

type Raw = Record<string, unknown>;
const all = async <Row>(tx: PgSiteTx, sql: string, values: readonly unknown[]): Promise<Row[]> => (await tx.keyed<Raw>(sql, values)).map((row) => fromRow<Row>(row));
const one = async <Row>(tx: PgSiteTx, sql: string, values: readonly unknown[]): Promise<Row | null> => (await all<Row>(tx, sql, values))[0] ?? null;

async function patchRow(tx: PgSiteTx, table: string, id: string, patch: Readonly<Record<string, unknown>>, extra = ''): Promise<void> {
  const set = setList(patch, 3);
  if (set.sql === '' && extra === '') return;
  const clauses = [set.sql, extra].filter(Boolean).join(', ');
  await tx.keyed(`UPDATE ${table} SET ${clauses} WHERE site_id = $1 AND id = $2`, [tx.siteId, id, ...set.values]);
}
async function insertRow(tx: PgSiteTx, table: string, row: object): Promise<void> {
  const insert = insertInto(table, { ...row, siteId: tx.siteId });
  await tx.keyed(insert.sql, insert.values);
}

/** The record in Postgres. Every statement names the site besides the row-level fence. */
export class PgRecordStore implements RecordStore<PgSiteTx> {
  async lockCase(tx: PgSiteTx, requestId: string): Promise<CaseRows | null> {
    const key = [tx.siteId, requestId];
    // No key of theirs ever changes, and a kill switch that lists them refers to them (FOR KEY SHARE) while these decisions wait for it at the gate: FOR UPDATE would be a deadlock.
    // Sent together, carried out in this order, which is the order of the locks; each sees what was committed before its own turn, hence not one statement.
    const [request, grant, membership, , jobs, manualActions, reviews] = await Promise.all([
      one<RequestRow>(tx, 'SELECT * FROM request WHERE site_id = $1 AND id = $2 FOR NO KEY UPDATE', key),
      one<GrantRow>(tx, 'SELECT * FROM access_grant WHERE site_id = $1 AND request_id = $2 FOR NO KEY UPDATE', key),
      one<MembershipRow>(tx, 'SELECT * FROM membership WHERE site_id = $1 AND id = (SELECT membership_id FROM access_grant WHERE site_id = $1 AND request_id = $2) FOR NO KEY UPDATE', key),
      tx.readClock(), // whoever waited for these locks decides by the time at which it holds them
      all<JobRow>(tx, "SELECT * FROM provisioning_job WHERE site_id = $1 AND request_id = $2 AND status NOT IN ('succeeded', 'superseded') ORDER BY created_at, id", key),
      all<ManualActionRow>(tx, "SELECT * FROM manual_action WHERE site_id = $1 AND request_id = $2 AND status = 'open' ORDER BY opened_at, id", key),
      all<ReviewRow>(tx, 'SELECT account_id, stage, vote, comment, duration_days, content_hash, at FROM review WHERE site_id = $1 AND request_id = $2 ORDER BY at, id', key),
    ]);
    if (request === null) return null;
    return { request, grant, membership, jobs, manualActions, reviews };
  }

  insertRequest = (tx: PgSiteTx, row: RequestRow): Promise<void> => insertRow(tx, 'request', row);
  updateRequest = (tx: PgSiteTx, id: string, patch: Patch<RequestRow>): Promise<void> => patchRow(tx, 'request', id, { ...patch }, 'row_version = row_version + 1');
  findRequestIdByIssue = async (tx: PgSiteTx, issueId: string): Promise<string | null> =>
    (await one<{ id: string }>(tx, 'SELECT id FROM request WHERE site_id = $1 AND issue_id = $2', [tx.siteId, issueId]))?.id ?? null;
  insertReview = (tx: PgSiteTx, requestId: string, review: ReviewRow): Promise<void> => insertRow(tx, 'review', { id: `rev_${randomUUID()}`, requestId, ...review });

  insertGrant = (tx: PgSiteTx, row: GrantRow): Promise<void> => insertRow(tx, 'access_grant', row);
  updateGrant = (tx: PgSiteTx, id: string, patch: Patch<GrantRow>): Promise<void> => patchRow(tx, 'access_grant', id, { ...patch }, 'row_version = row_version + 1');
  async hasOpenGrant(tx: PgSiteTx, accountId: string, toolKey: string, exceptGrantId: string | null): Promise<boolean> {
    // Who asks is about to open one: two at once follow each other, and the second sees the first one's grant instead of the unique index (SPEC A4).
    await tx.keyed("SELECT pg_advisory_xact_lock(hashtext('grant.open'), hashtext($1 || '/' || $2 || '/' || $3))", [tx.siteId, accountId, toolKey]);
    const found = await tx.keyed(
      `SELECT 1 FROM access_grant WHERE site_id = $1 AND account_id = $2 AND tool_key = $3 AND id IS DISTINCT FROM $4 AND status IN ('pendingProvision', 'active', 'suspended')`,
      [tx.siteId, accountId, toolKey, exceptGrantId],
    );
    return found.length > 0;
  }

  async lockMembership(tx: PgSiteTx, key: { readonly connectorId: string; readonly externalGroupId: string; readonly externalIdentityId: string }): Promise<MembershipRow> {
    const values = [tx.siteId, key.connectorId, key.externalGroupId, key.externalIdentityId];
    // A person who was resolved through two connectors of one org has two identities with one hash, and is in the group once.
    await tx.keyed(
      `INSERT INTO membership (id, site_id, connector_id, external_group_id, external_identity_id, identity_hash, desired)
       SELECT $5, $1, $2, $3, i.id, i.identity_hash, 'absent' FROM external_identity i WHERE i.site_id = $1 AND i.id = $4
       ON CONFLICT (site_id, connector_id, external_group_id, identity_hash) DO NOTHING`,
      [...values, `mem_${randomUUID()}`],
    );
    const row = await one<MembershipRow>(tx, `SELECT * FROM membership WHERE site_id = $1 AND connector_id = $2 AND external_group_id = $3
       AND identity_hash = (SELECT identity_hash FROM external_identity WHERE site_id = $1 AND id = $4) FOR NO KEY UPDATE`, values);
    if (row === null) throw new Error('a membership row vanished while it was locked');
    if (row.externalIdentityId === key.externalIdentityId) return row;
    // The same person as resolved through another connector: the row follows the mapping of today, or each look would take that for another person.
    await patchRow(tx, 'membership', row.id, { externalIdentityId: key.externalIdentityId });
    return { ...row, externalIdentityId: key.externalIdentityId };
  }
  updateMembership = (tx: PgSiteTx, id: string, patch: Patch<MembershipRow>): Promise<void> => patchRow(tx, 'membership', id, { ...patch }, 'touched_at = clock_timestamp()');
  otherGrantsOn = (tx: PgSiteTx, membershipId: string, exceptGrantId: string): Promise<{ id: string; requestId: string; status: GrantStatus }[]> =>
    all(tx, 'SELECT id, request_id, status FROM access_grant WHERE site_id = $1 AND membership_id = $2 AND id <> $3', [tx.siteId, membershipId, exceptGrantId]);

  async isAcceptedBaseline(tx: PgSiteTx, membershipId: string): Promise<boolean> {
    const rows = await tx.query(
      `SELECT 1 FROM membership m JOIN external_identity i ON i.id = m.external_identity_id JOIN entitlement_group e ON e.site_id = $1 AND e.connector_id = m.connector_id AND e.external_group_id = m.external_group_id
         JOIN baseline_access b ON b.site_id = $1 AND b.entitlement_group_id = e.id AND b.reference_hash = i.identity_hash WHERE m.site_id = $1 AND m.id = $2 AND b.accepted_at IS NOT NULL LIMIT 1`, [tx.siteId, membershipId]);
    return rows.length > 0;
  }

  insertJob = (tx: PgSiteTx, row: JobRow): Promise<void> => insertRow(tx, 'provisioning_job', row);
  updateJob = (tx: PgSiteTx, id: string, patch: Patch<JobRow> & { readonly finishedAt?: Date | null }): Promise<void> => patchRow(tx, 'provisioning_job', id, { ...patch });

  async insertIntent(tx: PgSiteTx, intent: Parameters<RecordStore['insertIntent']>[1]): Promise<IntentRow> {
    // Real time, by Postgres: an intent's life does not follow the domain clock.
    const row = await one<IntentRow>(
      tx,
      `INSERT INTO membership_intent (id, site_id, membership_id, grant_id, job_id, generation, desired, allowed_by, committed_at, deadline_at, finding_id)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp(), clock_timestamp() + make_interval(secs => $9 / 1000.0), $10) RETURNING *`,
      [intent.id, tx.siteId, intent.membershipId, intent.grantId, intent.jobId, intent.generation, intent.desired, intent.allowedBy === null ? null : JSON.stringify(intent.allowedBy), intent.lifeMs, intent.findingId ?? null],
    );
    if (row === null) throw new Error('an intent was not written');
    return row;
  }
  findIntent = (tx: PgSiteTx, id: string): Promise<IntentRow | null> => one(tx, 'SELECT * FROM membership_intent WHERE site_id = $1 AND id = $2', [tx.siteId, id]);
  openIntents = (tx: PgSiteTx, membershipId: string): Promise<(IntentRow & { isUnderWay: boolean })[]> => all(tx,
    `SELECT i.*, EXISTS (SELECT 1 FROM provisioning_job j WHERE j.site_id = i.site_id AND j.id = i.job_id AND j.intent_id = i.id AND j.status = 'running') AS is_under_way
     FROM membership_intent i WHERE i.site_id = $1 AND i.membership_id = $2 AND i.ended_at IS NULL`, [tx.siteId, membershipId]);
  async markUnknown(tx: PgSiteTx, id: string): Promise<void> {
    await tx.keyed("UPDATE membership_intent SET outcome = 'unknown' WHERE site_id = $1 AND id = $2", [tx.siteId, id]);
  }
  async endIntent(tx: PgSiteTx, id: string, outcome: string): Promise<void> {
    await tx.keyed('UPDATE membership_intent SET outcome = $3, ended_at = clock_timestamp() WHERE site_id = $1 AND id = $2', [tx.siteId, id, outcome]);
  }
  hadIntent = async (tx: PgSiteTx, grantId: string): Promise<boolean> => (await tx.keyed('SELECT 1 FROM membership_intent WHERE site_id = $1 AND grant_id = $2 LIMIT 1', [tx.siteId, grantId])).length > 0;

  mayHaveAdded = async (tx: PgSiteTx, grantId: string, membershipId: string): Promise<boolean> => (await tx.keyed(
    "SELECT 1 FROM membership_intent WHERE site_id = $1 AND grant_id = $2 AND membership_id = $3 AND desired = 'present' AND outcome IS DISTINCT FROM 'notWritten' LIMIT 1", [tx.siteId, grantId, membershipId],
  )).length > 0;

  async openManualAction(tx: PgSiteTx, action: Parameters<RecordStore['openManualAction']>[1]): Promise<boolean> {
    const rows = await tx.keyed(
      `INSERT INTO manual_action (id, site_id, request_id, grant_id, job_id, kind, reason, detail, assignee, due_at, alarm_at, opened_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11) ON CONFLICT (site_id, grant_id, kind) WHERE status = 'open' DO NOTHING RETURNING id`,
      [action.id, tx.siteId, action.requestId, action.grantId, action.jobId, action.kind, action.reason, action.detail, action.assignee, action.dueAt, tx.now],
    );
    return rows.length > 0;
  }
  alarmManualAction = (tx: PgSiteTx, id: string, alarmAt: Date | null): Promise<void> => patchRow(tx, 'manual_action', id, { alarmAt });
  async closeManualAction(tx: PgSiteTx, id: string, patch: Parameters<RecordStore['closeManualAction']>[2]): Promise<void> {
    await patchRow(tx, 'manual_action', id, { ...patch, completedAt: tx.now });
  }

  async queueTicket(tx: PgSiteTx, ticket: Parameters<RecordStore['queueTicket']>[1]): Promise<void> {
    await insertRow(tx, 'ticket_outbox', { ...ticket, marker: `aic-${randomUUID()}` });
  }
  async hasQueuedTickets(tx: PgSiteTx, requestId: string): Promise<{ any: boolean; oldestAgeMs: number }> {
    const [row] = await tx.keyed<{ age: number | null }>(
      "SELECT (extract(epoch FROM clock_timestamp() - min(queued_at)) * 1000)::float8 AS age FROM ticket_outbox WHERE site_id = $1 AND request_id = $2 AND status = 'queued'", [tx.siteId, requestId],
    );
    return { any: row?.age != null, oldestAgeMs: row?.age ?? 0 };
  }

  lockMassActionItem = (tx: PgSiteTx, massActionId: string, requestId: string): Promise<MassActionItemState | null> => one(tx,
    `SELECT m.source, m.reason, i.remaining_ms, i.outcome, EXISTS (SELECT 1 FROM access_block b WHERE b.site_id = m.site_id AND b.mass_action_id = m.id AND b.ended_at IS NULL) AS in_force,
       m.restore_status = 'running' AND i.kind = 'grant' AND i.outcome = 'stopped' AND i.restore_outcome IS NULL AS restoring
     FROM mass_action_item i JOIN mass_action m ON m.id = i.mass_action_id WHERE i.site_id = $1 AND i.mass_action_id = $2 AND i.request_id = $3 FOR UPDATE OF i`, [tx.siteId, massActionId, requestId]);
  async settleMassActionItem(tx: PgSiteTx, massActionId: string, requestId: string, patch: { readonly outcome: string } | { readonly restoreOutcome: string | null }): Promise<void> {
    if ('restoreOutcome' in patch && patch.restoreOutcome === null) {
      await tx.keyed('UPDATE mass_action_item SET restores_blocked = restores_blocked + 1 WHERE site_id = $1 AND mass_action_id = $2 AND request_id = $3', [tx.siteId, massActionId, requestId]);
      return;
    }
    const [column, at, value] = 'outcome' in patch ? ['outcome', 'stopped_at', patch.outcome] as const : ['restore_outcome', 'restored_at', patch.restoreOutcome] as const;
    await tx.keyed(`UPDATE mass_action_item SET ${column} = $4, ${at} = $5 WHERE site_id = $1 AND mass_action_id = $2 AND request_id = $3`, [tx.siteId, massActionId, requestId, value, tx.now]);
  }

  async hintLeaver(tx: PgSiteTx, externalIdentityId: string): Promise<void> {
    const hour = new Date().toISOString().slice(0, 13);
    await insertLeaverHint(tx, { id: `lvh_${randomUUID()}`, cause: 'converge', connectorId: null, sealedIdentity: null, externalIdentityId, accountId: null, eventKey: `converge/${externalIdentityId}/${hour}` });
  }

  lockCommand = (tx: PgSiteTx, commandId: string): Promise<CommandRow | null> => one(tx, 'SELECT * FROM command WHERE site_id = $1 AND id = $2 FOR UPDATE', [tx.siteId, commandId]);
  async storeCommandResult(tx: PgSiteTx, commandId: string, status: number, result: unknown): Promise<void> {
    await tx.keyed('UPDATE command SET status = $3, result = $4, applied_at = clock_timestamp() WHERE site_id = $1 AND id = $2', [tx.siteId, commandId, status, JSON.stringify(result)]);
  }

  licence = async (tx: PgSiteTx): Promise<Licence> => (await one<{ licence: Licence }>(tx, 'SELECT licence FROM site WHERE id = $1', [tx.siteId]))?.licence ?? 'notReported';
  policyFacts = premises.policyFacts;
  toolFulfilment = premises.toolFulfilment;
  routing = premises.routing;
  transitionNames = premises.transitionNames;
  mappedIdentity = premises.mappedIdentity;
  isSameIdentity = premises.isSameIdentity;
  sharesIdentity = premises.sharesIdentity;
  setting = premises.setting;
  sealedOrder = premises.sealedOrder;
}
