/** Where a site's Jira is; the credential is sealed for the processes that talk to Jira. */
export interface SiteConnections {
  jiraOf(siteId: string): Promise<{ readonly baseUrl: string; readonly authSealed: string; readonly propertyKey: string } | null>;
}
