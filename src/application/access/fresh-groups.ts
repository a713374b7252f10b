import { person, type GroupsToUse } from './access-case.js';
import { openCase, type AccessDeps } from './access-deps.js';
import { GroupsOutdated } from './policy-step.js';

/**
 * Takes a step, one transaction, and takes it again where policy asks for groups that were read too long ago: they are read between the two, outside any
 * transaction. Where Jira does not say, the second time goes by the last known ones, and what was decided so says it.
 */
export async function withFreshGroups<T>(deps: AccessDeps, siteId: string, step: (groups: GroupsToUse) => Promise<T>): Promise<T> {
  try {
    return await step('fresh');
  } catch (error) {
    if (!(error instanceof GroupsOutdated)) throw error;
    const names = await deps.readGroups(siteId, error.accountId);
    if (names !== null) await keepGroups(deps, siteId, error.requestId, names);
    return step('lastKnown'); // which are the ones just read, if they were
  }
}

async function keepGroups(deps: AccessDeps, siteId: string, requestId: string, names: readonly string[]): Promise<void> {
  await deps.uow.run(siteId, async (tx) => {
    const c = await openCase(deps, tx, requestId, 'lastKnown');
    if (c === null) return;
    const before = new Set(c.request.jiraGroups);
    const added = names.filter((name) => !before.has(name)).length;
    const removed = c.request.jiraGroups.filter((name) => !names.includes(name)).length;
    await c.patchRequest({ jiraGroups: [...names], groupsReadAt: c.now });
    if (added + removed > 0) await c.audit('request.groups_read', { kind: 'provider', name: 'jira' }, { accountId: person(c.request.requester).accountId ?? '' }, { added, removed });
  });
}
