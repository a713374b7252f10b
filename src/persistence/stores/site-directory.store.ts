import type { DataSource } from 'typeorm';
import type { SiteDirectory } from '../../application/ports/api-queries.port.js';
import type { SiteConnections } from '../../application/ports/site-connections.port.js';
import { asUnavailable } from '../unit-of-work.js';

interface Raw { readonly id: string; readonly jira_base_url: string | null; readonly jira_auth_sealed: string | null; readonly jira_property_key: string | null }

/** Sites are read by every process before a site is chosen, hence outside the site fence. */
export function createSiteDirectory(dataSource: DataSource): SiteDirectory & SiteConnections {
  const find = async (where: string, values: readonly unknown[]): Promise<Raw | null> => {
    try {
      const rows: Raw[] = await dataSource.query(`SELECT id, jira_base_url, jira_auth_sealed, jira_property_key FROM site WHERE ${where}`, [...values]);
      return rows[0] ?? null;
    } catch (error) {
      throw asUnavailable(error);
    }
  };
  return {
    exists: async (siteId) => (await find('id = $1', [siteId])) !== null,
    async findByInstallation(installationId, cloudId) {
      const site = (await find('installation_id = $1', [installationId])) ?? (cloudId === null ? null : await find('cloud_id = $1', [cloudId]));
      return site === null ? null : { siteId: site.id };
    },
    async jiraOf(siteId) {
      const site = await find('id = $1', [siteId]);
      if (site?.jira_base_url == null || site.jira_auth_sealed === null || site.jira_property_key === null) return null;
      return { baseUrl: site.jira_base_url, authSealed: site.jira_auth_sealed, propertyKey: site.jira_property_key };
    },
  };
}
