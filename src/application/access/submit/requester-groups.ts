import type { Entitlement } from '../../../domain/catalog/entitlement.js';
import { JiraUnavailable } from '../../ports/api-commands.port.js';
import { JiraFailure } from '../../ports/jira.port.js';
import type { JiraSites } from '../../ports/jira-sites.port.js';
import type { RecordStore } from '../../ports/record.port.js';
import { DatabaseUnavailable, type SiteTx, type UnitOfWork } from '../../ports/unit-of-work.port.js';
import type { ReadGroups } from '../access-deps.js';
import { groupsMatter } from '../policy-step.js';

export interface GroupDeps { readonly uow: UnitOfWork<SiteTx>; readonly store: RecordStore; readonly jiraSites: JiraSites }

/**
 * The requester's Jira groups, asked of Jira only where policy looks at them (SPEC P2, K1 pilots); null where it does not. @throws JiraUnavailable when they matter
 * and can't be read: unknown groups would deny somebody who is in the pilot.
 */
export async function requesterGroups(deps: GroupDeps, siteId: string, accountId: string, asked: Entitlement, signal?: AbortSignal): Promise<readonly string[] | null> {
  const premises = await deps.uow.run(siteId, (tx) => deps.store.policyFacts(tx, { toolKey: asked.toolKey, roleKey: asked.roleKey, accountId, connectorId: null }));
  if (!groupsMatter(premises, asked)) return null;
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

/** Well below the time that one database step has (workflows/access-request/steps.ts). Milliseconds. */
const READ_AGAIN_MS = 2_500;

/** Reads somebody's groups for a step that needs them fresh. Null whatever stops Jira from answering: a step must be able to go on, if only to end access. */
export const createGroupReader = (jiraSites: JiraSites): ReadGroups => async (siteId, accountId) => {
  const signal = AbortSignal.timeout(READ_AGAIN_MS);
  try {
    const site = await jiraSites.find(siteId);
    return site === null ? [] : await site.jira.listGroupNames(accountId, signal);
  } catch (error) {
    if (error instanceof DatabaseUnavailable) throw error;
    return error instanceof JiraFailure && error.kind === 'notFound' ? [] : null;
  }
};
