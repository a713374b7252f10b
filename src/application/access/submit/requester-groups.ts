import { JiraUnavailable } from '../../ports/api-commands.port.js';
import { JiraFailure } from '../../ports/jira.port.js';
import type { JiraSites } from '../../ports/jira-sites.port.js';
import type { RecordStore } from '../../ports/record.port.js';
import type { SiteTx, UnitOfWork } from '../../ports/unit-of-work.port.js';

export interface GroupDeps { readonly uow: UnitOfWork<SiteTx>; readonly store: RecordStore; readonly jiraSites: JiraSites }

/**
 * The requester's Jira groups, asked of Jira only where policy looks at them (SPEC P2, K1 pilots). @throws JiraUnavailable when they matter and can't be read:
 * unknown groups would deny somebody who is in the pilot.
 */
export async function requesterGroups(deps: GroupDeps, siteId: string, accountId: string, toolKey: string, signal?: AbortSignal): Promise<readonly string[]> {
  const premises = await deps.uow.run(siteId, (tx) => deps.store.policyFacts(tx, { toolKey, accountId, connectorId: null }));
  const matters = premises.tool?.status === 'pilot' || premises.policies.some((policy) => policy.enabled && policy.autoApprove && (policy.toolKeys === 'all' || policy.toolKeys.includes(toolKey)));
  if (!matters) return [];
  const site = await deps.jiraSites.find(siteId);
  if (site === null) return [];
  try {
    return await site.jira.listGroupNames(accountId, signal);
  } catch (error) {
    if (error instanceof JiraFailure && error.kind === 'notFound') return [];
    if (error instanceof JiraFailure) throw new JiraUnavailable('Jira did not say which groups the requester is in', { cause: error });
    throw error;
  }
}
