import type { Administrators } from '../../application/ports/api-queries.port.js';
import type { JiraSites } from '../../application/ports/jira-sites.port.js';

/** SPEC U7 allows a minute in all; a proven token is believed for fifteen seconds of it (api/auth/authentication.ts). Milliseconds. */
const FRESH_MS = 45_000;

/** Asks Jira who administers it; an answer is at most 45 seconds old. A Jira that does not answer makes nobody an admin. @throws JiraFailure */
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
