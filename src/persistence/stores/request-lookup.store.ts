import type { RequestRow } from '../../application/ports/record.port.js';
import type { RequestLookup } from '../../application/ports/request-lookup.port.js';
import { fromRow } from '../rows.js';
import type { PgSiteTx } from '../unit-of-work.js';
import { setting } from './premise.store.js';

const idOf = async (tx: PgSiteTx, sql: string, key: string): Promise<string | null> => (await tx.keyed<{ request_id: string }>(sql, [tx.siteId, key]))[0]?.request_id ?? null;

export const requestLookup: RequestLookup<PgSiteTx> = {
  byGrant: (tx, grantId) => idOf(tx, 'SELECT request_id FROM access_grant WHERE site_id = $1 AND id = $2', grantId),
  byJob: (tx, jobId) => idOf(tx, 'SELECT request_id FROM provisioning_job WHERE site_id = $1 AND id = $2', jobId),
  byManualAction: (tx, id) => idOf(tx, 'SELECT request_id FROM manual_action WHERE site_id = $1 AND id = $2', id),
  byIssueKey: (tx, issueKey) => idOf(tx, 'SELECT id AS request_id FROM request WHERE site_id = $1 AND issue_key = $2 ORDER BY created_at DESC, id DESC LIMIT 1', issueKey),
  find: async (tx, requestId) => {
    const [row] = await tx.keyed<Record<string, unknown>>('SELECT * FROM request WHERE site_id = $1 AND id = $2', [tx.siteId, requestId]);
    return row === undefined ? null : fromRow<RequestRow>(row);
  },
  intakeProject: async (tx) => {
    const { enabled, projectKey, requestTypeIds } = await setting(tx, 'intake');
    return { enabled, projectKey, requestTypeIds };
  },
};
