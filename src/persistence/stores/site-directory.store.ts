import type { DataSource } from 'typeorm';
import type { SiteDirectory } from '../../application/ports/api-queries.port.js';
import type { SiteConnections } from '../../application/ports/site-connections.port.js';
import type { Licence } from '../../domain/connector/licence.js';
import { asUnavailable, PgUnitOfWork } from '../unit-of-work.js';
import { makeDue } from './due-requests.js';

interface Connection { readonly baseUrl: string | null; readonly authSealed: string | null; readonly propertyKey: string | null }

/** Sites are looked up before one is chosen, hence outside the site fence; how a site's Jira is reached is read inside it. */
export function createSiteDirectory(dataSource: DataSource): SiteDirectory & SiteConnections {
  const uow = new PgUnitOfWork(dataSource);
  const find = async (where: string, values: readonly unknown[]): Promise<{ readonly id: string; readonly licence: Licence } | null> => {
    try {
      const rows: { readonly id: string; readonly licence: Licence }[] = await dataSource.query(`SELECT id, licence FROM site WHERE ${where}`, [...values]);
      return rows[0] ?? null;
    } catch (error) {
      throw asUnavailable(error);
    }
  };
  return {
    exists: async (siteId) => (await find('id = $1', [siteId])) !== null,
    async findByInstallation(installationId, cloudId) {
      const site = (await find('installation_id = $1', [installationId])) ?? (cloudId === null ? null : await find('cloud_id = $1', [cloudId]));
      return site === null ? null : { siteId: site.id, licence: site.licence };
    },
    reportLicence: (siteId, licence) => uow.run(siteId, async (tx) => {
      const [news] = await tx.query<{ before: Licence }>(
        'UPDATE site SET licence = $2 FROM (SELECT id, licence AS before FROM site WHERE id = $1 FOR UPDATE) known WHERE site.id = known.id AND known.before <> $2 RETURNING known.before', [siteId, licence]);
      if (news === undefined) return;
      await tx.audit({ action: 'site.licence_reported', actor: { kind: 'service', name: 'forge' }, subject: {}, data: { from: news.before, to: licence } });
      await makeDue(tx, "g.status = 'pendingProvision'", []);
    }),
    async jiraOf(siteId) {
      const [site] = await uow.single<Connection>(siteId, 'SELECT jira_base_url AS "baseUrl", jira_property_key AS "propertyKey", site_jira_auth_sealed() AS "authSealed" FROM site WHERE id = $1', [siteId]);
      if (site?.baseUrl == null || site.authSealed === null || site.propertyKey === null) return null;
      return { baseUrl: site.baseUrl, authSealed: site.authSealed, propertyKey: site.propertyKey };
    },
  };
}
