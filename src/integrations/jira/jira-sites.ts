import type { JiraConnection, JiraPort } from '../../application/ports/jira.port.js';
import type { JiraSites } from '../../application/ports/jira-sites.port.js';
import { jiraCredentialContext, type Unsealer } from '../../application/ports/sealing.port.js';
import type { SiteConnections } from '../../application/ports/site-connections.port.js';
import { createJiraClient, type JiraClientOptions } from './jira-client.js';

/** The Jira of each site; clients are kept as long as the site's address and credential stay the same. @throws SealingFailure for a credential this process can't open. */
export function createJiraSites(sites: SiteConnections, sealing: Unsealer, options: JiraClientOptions): JiraSites {
  const clients = new Map<string, { readonly key: string; readonly jira: JiraPort }>();
  return {
    async find(siteId) {
      const connection = await sites.jiraOf(siteId);
      if (connection === null) return null;
      const key = `${connection.baseUrl}\n${connection.authSealed}`;
      let known = clients.get(siteId);
      if (known?.key !== key) {
        const auth = readAuth(await sealing.open(jiraCredentialContext(siteId), connection.authSealed));
        known = { key, jira: createJiraClient({ baseUrl: connection.baseUrl, auth }, options) };
        clients.set(siteId, known);
      }
      return { jira: known.jira, propertyKey: connection.propertyKey };
    },
  };
}

/** Says nothing of what it read: the text is a credential. */
function readAuth(text: string): JiraConnection['auth'] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null; // the parser's message would quote the credential
  }
  if (isAuth(value)) return value;
  throw new Error("the site's Jira credential is not readable; set it again");
}
function isAuth(value: unknown): value is JiraConnection['auth'] {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('token' in value) || typeof value.token !== 'string') return false;
  return value.kind === 'bearer' || (value.kind === 'basic' && 'email' in value && typeof value.email === 'string');
}
