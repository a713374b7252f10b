import type { Administrators } from '../../application/ports/api-queries.port.js';
import type { JiraSites } from '../../application/ports/jira-sites.port.js';

/** SPEC U7: what Jira said about ADMINISTER is believed for this long. Milliseconds. */
const FRESH_MS = 60_000;

/** Asks Jira who administers it; an answer is at most a minute old. A Jira that does not answer makes nobody an admin. @throws JiraFailure */
export function createAdministrators(jiraSites: JiraSites, now: () => number = Date.now): Administrators {
  const known = new Map<string, { readonly isAdmin: boolean; readonly at: number }>();
  return {
    async isAdministrator(siteId, accountId) {
      const key = `${siteId}/${accountId}`;
      const cached = known.get(key);
      if (cached !== undefined && now() - cached.at < FRESH_MS) return cached.isAdmin;
      const site = await jiraSites.find(siteId);
      const isAdmin = site !== null && (await site.jira.isAdministrator(accountId));
      if (known.size > 10_000) known.clear();
      known.set(key, { isAdmin, at: now() });
      return isAdmin;
    },
  };
}
