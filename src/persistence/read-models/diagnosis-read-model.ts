import type { ConnectorTest } from '../../application/ports/api-views.js';
import type { DiagnosisStore } from '../../application/ports/diagnosis.port.js';
import { RATE_LIMITS } from '../../contracts/rate-limits.js';
import type { RecordedFacts } from '../../domain/diagnosis/facts.js';
import type { FiredRule } from '../../domain/policy/policy.js';
import { joinEntitlement } from '../entitlement-sql.js';
import { accountsOfPerson } from '../routing-sql.js';
import { mappedIdentity, policyFacts, routing } from '../stores/premise.store.js';
import type { PgSiteTx } from '../unit-of-work.js';

const { limit, windowSeconds } = RATE_LIMITS.bulkDecision;

type Request = NonNullable<RecordedFacts['request']> & { readonly connectorId: string | null; readonly testReport: Pick<ConnectorTest, 'abilities' | 'failure'> | null };
interface Row {
  readonly request: Request | null; readonly delivery: RecordedFacts['delivery']; readonly tool: RecordedFacts['tool']; readonly connector: Omit<NonNullable<RecordedFacts['connector']>, 'testProblems'> | null;
  readonly grant: RecordedFacts['grant']; readonly job: RecordedFacts['job']; readonly manualActions: RecordedFacts['manualActions']; readonly failed: RecordedFacts['tickets']['failed']; readonly queued: number;
  readonly bulkLimited: readonly string[]; readonly licence: RecordedFacts['licence'];
}
/** As answers write times. */
const instant = (column: string): string => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const FACTS = `
  WITH r AS (SELECT * FROM request WHERE site_id = $1 AND issue_key = $2 ORDER BY created_at DESC LIMIT 1),
    g AS (SELECT g.* FROM access_grant g JOIN r ON g.request_id = r.id WHERE g.site_id = $1),
    t AS (SELECT t.*, e.id AS group_id, e.assignment_confirmed_at, coalesce(e.connector_id, t.connector_id) AS used_connector FROM tool t JOIN r ON t.key = r.tool_key ${joinEntitlement('r.role_key')} WHERE t.site_id = $1),
    c AS (SELECT c.* FROM connector c WHERE c.site_id = $1 AND c.id = coalesce((SELECT connector_id FROM g), (SELECT used_connector FROM t)))
  SELECT s.licence,
    (SELECT json_build_object('id', r.id, 'decision', r.decision, 'decisionSource', r.decision_source, 'pendingStage', r.pending_stage, 'requester', r.requester, 'submittedBy', r.submitted_by,
       'voted', coalesce((SELECT json_agg(DISTINCT same.account_id) FROM review v CROSS JOIN LATERAL (SELECT v.account_id UNION ${accountsOfPerson('$1', 'v.account_id')}) same WHERE v.site_id = $1 AND v.request_id = r.id), '[]'), 'projectKey', r.project_key, 'toolKey', r.tool_key, 'roleKey', r.role_key, 'durationDays', r.duration_days,
       'policyOutcome', r.policy ->> 'outcome', 'rules', coalesce(r.policy -> 'rules', '[]'), 'connectorId', (SELECT id FROM c), 'testReport', (SELECT test_report FROM c)) FROM r) AS request,
    (SELECT json_build_object('outcome', outcome, 'reason', reason, 'attempts', attempts) FROM intake_event WHERE site_id = $1 AND issue_key = $2) AS delivery,
    (SELECT json_build_object('provider', provider, 'fulfilment', fulfilment, 'groupConfirmed', CASE WHEN group_id IS NULL THEN NULL ELSE assignment_confirmed_at IS NOT NULL END) FROM t) AS tool,
    (SELECT json_build_object('name', name, 'status', status, 'testOk', test_ok) FROM c) AS connector,
    (SELECT json_build_object('status', status, 'expiresAt', ${instant('expires_at')}) FROM g) AS "grant",
    (SELECT json_build_object('kind', j.kind, 'status', j.status, 'attempts', j.attempts, 'nextAttemptAt', ${instant('j.next_attempt_at')}, 'lastError', j.last_error) FROM provisioning_job j JOIN r ON j.request_id = r.id WHERE j.site_id = $1 ORDER BY j.created_at DESC LIMIT 1) AS job,
    coalesce((SELECT json_agg(json_build_object('kind', m.kind, 'detail', m.detail, 'dueAt', ${instant('m.due_at')}) ORDER BY m.opened_at) FROM manual_action m JOIN r ON m.request_id = r.id WHERE m.site_id = $1 AND m.status = 'open'), '[]') AS "manualActions",
    coalesce((SELECT json_agg(json_build_object('kind', o.kind, 'lastError', o.last_error) ORDER BY o.id) FROM ticket_outbox o JOIN r ON o.request_id = r.id WHERE o.site_id = $1 AND o.status = 'failed'), '[]') AS failed,
    (SELECT count(*) FROM ticket_outbox o JOIN r ON o.request_id = r.id WHERE o.site_id = $1 AND o.status = 'queued') AS queued,
    coalesce((SELECT json_agg(b.actor) FROM (SELECT actor FROM rate_event WHERE site_id = $1 AND kind = 'bulkDecision' AND at > clock_timestamp() - interval '${windowSeconds} seconds' GROUP BY actor HAVING count(*) >= ${limit}) b), '[]') AS "bulkLimited"
  FROM site s WHERE s.id = $1`;

/** What the record holds about one issue (SPEC O1), in the transaction that reads it. */
export class PgDiagnosisStore implements DiagnosisStore<PgSiteTx> {
  async facts(tx: PgSiteTx, issueKey: string): ReturnType<DiagnosisStore['facts']> {
    const [row] = await tx.query<Row>(FACTS, [tx.siteId, issueKey]);
    if (row === undefined) throw new Error(`site ${tx.siteId} is not registered`);
    const { request, connector, failed, queued, ...rest } = row;
    return {
      ...rest, now: tx.now.toISOString(), tickets: { failed, queued },
      connector: connector === null ? null : { ...connector, testProblems: problemsOf(request?.testReport ?? null) },
      ...(request === null ? NO_REQUEST : await ofRequest(tx, request)),
    };
  }
}

const NO_REQUEST = { request: null, routing: null, isMapped: null, policies: [], policyTool: null } as const;
async function ofRequest(tx: PgSiteTx, request: Request): Promise<Pick<RecordedFacts, keyof typeof NO_REQUEST>> {
  const { policies, tool } = await policyFacts(tx, { toolKey: request.toolKey, roleKey: request.roleKey, accountId: request.requester, connectorId: null });
  return {
    request: withoutConnector(request), policies, policyTool: tool,
    routing: await routing(tx, request.projectKey, [request.requester, ...request.voted]),
    isMapped: request.connectorId === null ? null : (await mappedIdentity(tx, request.requester, request.connectorId)) !== null,
  };
}

const withoutConnector = ({ connectorId: _connector, testReport: _report, rules, ...request }: Request): NonNullable<RecordedFacts['request']> =>
  ({ ...request, rules: rules.map(({ rule, effect, detail }: Pick<FiredRule, 'rule' | 'effect' | 'detail'>) => ({ rule, effect, detail })) });
function problemsOf(report: Request['testReport']): readonly string[] {
  if (report === null) return [];
  return [...(report.failure === null ? [] : [report.failure.detail]), ...report.abilities.filter(({ ok }) => !ok).map(({ ability, detail }) => (detail === undefined ? ability : `${ability}: ${detail}`))];
}
