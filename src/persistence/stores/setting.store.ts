import type { SettingDocument, SettingStore, SiteRow, SiteStore, StoredSetting } from '../../application/ports/governance-store.port.js';
import type { PgSiteTx } from '../unit-of-work.js';

const COLUMNS = 'value, row_version AS version, updated_at AS "updatedAt"';

export class PgSettingStore implements SettingStore {
  async find(tx: PgSiteTx, name: SettingDocument): Promise<StoredSetting | null> {
    const [row] = await tx.query<StoredSetting>(`SELECT ${COLUMNS} FROM site_setting WHERE site_id = $1 AND name = $2`, [tx.siteId, name]);
    return row ?? null;
  }

  async lock(tx: PgSiteTx, name: SettingDocument): Promise<StoredSetting | null> {
    // A row that is not there yet can't be locked, and two first writers must not both see version 0.
    await tx.query('SELECT pg_advisory_xact_lock(hashtext($1), hashtext($2))', [`site_setting.${name}`, tx.siteId]);
    return this.find(tx, name);
  }

  async put(tx: PgSiteTx, name: SettingDocument, value: unknown): Promise<StoredSetting> {
    const [row] = await tx.query<StoredSetting>(
      `INSERT INTO site_setting (site_id, name, value, updated_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (site_id, name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at, row_version = site_setting.row_version + 1 RETURNING ${COLUMNS}`,
      [tx.siteId, name, JSON.stringify(value), tx.now],
    );
    if (row === undefined) throw new Error(`settings ${name} were not written`);
    return row;
  }
}

export class PgSiteStore implements SiteStore {
  async get(tx: PgSiteTx): Promise<SiteRow> {
    const [row] = await tx.query<SiteRow>('SELECT id, time_zone AS "timeZone", licence, jira_base_url AS "jiraBaseUrl" FROM site WHERE id = $1', [tx.siteId]);
    if (row === undefined) throw new Error(`site ${tx.siteId} is not registered`);
    return row;
  }
}
