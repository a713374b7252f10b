import type { JiraPort } from './jira.port.js';

/** The Jira of each site, with the credential opened for this process. Null: the site has none. */
export interface JiraSites {
  find(siteId: string): Promise<{ readonly jira: JiraPort; /** Key of the issue property that the portal writes. */ readonly propertyKey: string } | null>;
}
