import type { ConnectorView } from '../../application/ports/api-views.js';
import type { ConnectorPatch, ConnectorRow, ConnectorStore, CredentialExpiry } from '../../application/ports/connector-store.port.js';
import { EXPIRY_WARNINGS } from '../../domain/connector/credential-expiry.js';
import type { FindingKind } from '../../domain/reconciliation/finding.js';
import { CONNECTOR_SELECT, toConnectorView, type ConnectorViewRow } from '../read-models/catalog-views.js';
import { insertInto, setList } from '../rows.js';
import type { PgSiteTx } from '../unit-of-work.js';
import { makeDue } from './due-requests.js';
import { closeOfConnector, forgetConnector } from './finding-queries.js';

const EXPIRING: FindingKind = 'credentialExpiring';
const credentialColumns = ({ expiresAt, saidBy }: CredentialExpiry): { readonly credentialExpiresAt: string | null; readonly credentialExpirySaidBy: CredentialExpiry['saidBy'] } => ({ credentialExpiresAt: expiresAt, credentialExpirySaidBy: saidBy });

export class PgConnectorStore implements ConnectorStore {
  async findView(tx: PgSiteTx, id: string): Promise<ConnectorView | null> {
    const [row] = await tx.query<ConnectorViewRow>(`${CONNECTOR_SELECT} WHERE c.site_id = $1 AND c.id = $2`, [tx.siteId, id]);
    return row === undefined ? null : toConnectorView(row);
  }

  async lock(tx: PgSiteTx, id: string): Promise<ConnectorRow | null> {
    const [row] = await tx.query<ConnectorRow>(
      `SELECT id, name, public_config AS address, sealed_config AS "sealedConfig", status, test_ok AS "testOk", row_version AS "rowVersion" FROM connector WHERE site_id = $1 AND id = $2 FOR NO KEY UPDATE`,
      [tx.siteId, id],
    );
    return row ?? null;
  }

  async isNameTaken(tx: PgSiteTx, name: string, exceptId: string | null): Promise<boolean> {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtext('connector.name'), hashtext($1))`, [tx.siteId]);
    return (await tx.query('SELECT 1 FROM connector WHERE site_id = $1 AND name = $2 AND id IS DISTINCT FROM $3', [tx.siteId, name, exceptId])).length > 0;
  }

  async insert(tx: PgSiteTx, { id, name, address, sealedConfig, credential }: Parameters<ConnectorStore['insert']>[1]): Promise<void> {
    const { sql, values } = insertInto('connector', { id, siteId: tx.siteId, name, provider: address.provider, publicConfig: address, sealedConfig, ...credentialColumns(credential) });
    await tx.query(sql, values);
  }

  async update(tx: PgSiteTx, id: string, { address, test, credential, ...patch }: ConnectorPatch): Promise<void> {
    const columns = {
      ...patch,
      ...(address === undefined ? {} : { publicConfig: address }),
      ...(credential === undefined ? {} : { ...credentialColumns(credential), credentialWarnedDays: null }),
      ...(test === undefined ? {} : { testedAt: test?.testedAt ?? null, testOk: test?.ok ?? null, testReport: test === null ? null : { abilities: test.abilities, failure: test.failure } }),
    };
    const { sql, values } = setList(columns, 3);
    await tx.query(`UPDATE connector SET ${sql === '' ? '' : `${sql}, `}row_version = row_version + 1, updated_at = clock_timestamp() WHERE site_id = $1 AND id = $2`, [tx.siteId, id, ...values]);
  }

  async remove(tx: PgSiteTx, id: string): Promise<void> {
    await forgetConnector(tx, id, EXPIRING);
    await tx.query('DELETE FROM connector WHERE site_id = $1 AND id = $2', [tx.siteId, id]);
  }

  async isInUse(tx: PgSiteTx, id: string): Promise<boolean> {
    const tables = ['tool', 'entitlement_group', 'external_identity', 'membership', 'access_grant'];
    const [row] = await tx.query<{ used: boolean }>(`SELECT ${tables.map((table) => `EXISTS (SELECT 1 FROM ${table} WHERE site_id = $1 AND connector_id = $2)`).join(' OR ')} AS used`, [tx.siteId, id]);
    return row?.used ?? true;
  }

  async expiring(tx: PgSiteTx): ReturnType<ConnectorStore['expiring']> {
    return tx.query(
      `SELECT id, name, credential_expires_at AS "expiresAt", credential_warned_days AS "warnedDays" FROM connector
       WHERE site_id = $1 AND credential_expires_at <= $2::timestamptz + make_interval(days => $3) AND credential_warned_days IS DISTINCT FROM 0 ORDER BY id FOR NO KEY UPDATE SKIP LOCKED`, [tx.siteId, tx.now, Math.max(...EXPIRY_WARNINGS)]);
  }
  async markWarned(tx: PgSiteTx, id: string, days: number): Promise<void> {
    await tx.query('UPDATE connector SET credential_warned_days = $3 WHERE site_id = $1 AND id = $2', [tx.siteId, id, days]);
  }
  async closeExpiryFindings(tx: PgSiteTx, id: string, by: string): Promise<readonly string[]> {
    return closeOfConnector(tx, id, EXPIRING, by);
  }

  async listEnabled(tx: PgSiteTx, provider: 'okta' | 'entra'): Promise<readonly { readonly id: string }[]> {
    return tx.query<{ id: string }>("SELECT id FROM connector WHERE site_id = $1 AND provider = $2 AND status = 'enabled' ORDER BY created_at, id", [tx.siteId, provider]);
  }

  hastenRequests = (tx: PgSiteTx, id: string): Promise<number> => makeDue(tx, "g.connector_id = $3 AND g.status NOT IN ('expired', 'revoked')", [id]);
}
