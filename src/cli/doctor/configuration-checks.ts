import { entitlementName } from '../../domain/catalog/entitlement.js';
import type { z } from 'zod';
import { pageOf, shownIntake, shownJobRow, shownManualAction, shownMe, shownProject, shownRouting, shownTool, shownVerification } from '../answers.js';
import type { ApiClient } from '../api-client.js';
import { CliProblem } from '../cli-problem.js';
import { fail, look, ok, warn, type Check } from './check.js';

type Tool = z.infer<typeof shownTool>;
const MOST = 200;
const atMost = (count: number): string => (count >= MOST ? `${MOST} or more` : String(count));

/** What an admin has to have set up before a request can end well (SPEC U8), what waits for somebody, and the audit trail. */
export async function checkConfiguration(api: ApiClient): Promise<readonly Check[]> {
  const looks = await Promise.all([checkIntake(api), checkApprovers(api), checkCatalog(api), checkDeadLetters(api), checkManualActions(api), checkAudit(api)]);
  return looks.flat();
}

/** Who is asking, and whether the licence lets connectors work (SPEC F12). @throws CliProblem when the sign-in is not accepted */
export async function checkCaller(api: ApiClient): Promise<{ readonly isAdmin: boolean; readonly checks: readonly Check[] }> {
  const { displayName, accountId, roles, licence } = await api.get('/me', shownMe);
  const isAdmin = roles.includes('admin');
  return {
    isAdmin,
    checks: [
      ok('configuration', `signed in as ${displayName ?? accountId} (${roles.join(', ')})`),
      ...(licence === 'inactive' ? [warn('configuration', 'the licence is inactive: provisioning is left to people, removals go on', 'Renew it in the marketplace.')] : []),
      ...(isAdmin ? [] : [warn('configuration', 'connectors and configuration not looked at: only an admin may', 'Sign in as an admin.')]),
    ],
  };
}

const checkIntake = (api: ApiClient): Promise<readonly Check[]> =>
  look('configuration', 'the intake settings', async () => {
    const { enabled, projectKey, portalId, requestTypeIds } = await api.get('/settings/intake', shownIntake);
    if (!enabled || projectKey === null) return [warn('configuration', 'intake from Jira is off: requests come only through the API', 'Set project, portal and request types under Intake & Approvals.')];
    if (portalId === null) return [warn('configuration', `intake from ${projectKey} names no portal`, 'Set the portal id under Intake & Approvals.')];
    return [ok('configuration', `intake from ${projectKey}, portal ${portalId}, request types ${requestTypeIds.length === 0 ? 'all' : requestTypeIds.join(', ')}`)];
  });

const checkApprovers = (api: ApiClient): Promise<readonly Check[]> =>
  look('configuration', 'who decides', async () => {
    const [{ items }, routing] = await Promise.all([api.get('/projects', pageOf(shownProject), { limit: MOST }), api.get('/settings/routing', shownRouting)]);
    const enabled = items.filter((project) => project.enabled);
    const orphans = enabled.filter(({ approvers, adminFallback }) => approvers.length === 0 && adminFallback === 'never').map(({ key }) => key);
    if (orphans.length > 0) return [fail('configuration', `nobody decides on requests of ${orphans.join(', ')}`, 'Name approvers there, or let Jira admins stand in.')];
    if (enabled.length === 0 && routing.approvers.length === 0 && routing.adminFallback === 'never') return [fail('configuration', 'nobody decides on requests', 'Register a project with approvers, or set the routing.')];
    return [ok('configuration', enabled.length === 0 ? 'requests are decided by the routing settings' : `approvers in ${enabled.map(({ key }) => key).join(', ')}`)];
  });

const checkCatalog = (api: ApiClient): Promise<readonly Check[]> =>
  look('configuration', 'the catalog', async () => {
    const { items } = await api.get('/tools', pageOf(shownTool), { limit: MOST });
    const requestable = items.filter((tool) => tool.requestable);
    if (requestable.length === 0) return [warn('configuration', 'no tool can be asked for', 'Approve tools in the catalog, or seed the starter set.')];
    return [ok('configuration', `${atMost(requestable.length)} of ${atMost(items.length)} tools can be asked for`), ...requestable.flatMap(checkConnected)];
  });

/** A connected tool needs all three before an approval of it can be carried out (SPEC F4). */
function checkConnected({ key, provider, connectorId, entitlementGroup, roles }: Tool): readonly Check[] {
  if (provider === 'none') return [];
  if (connectorId === null) return [warn('configuration', `${key} has no connector`, `Choose an ${provider} connector for it.`)];
  // Where there are roles, a request names one and the tool's own group is not asked for (SPEC K3).
  return roles.length === 0 ? checkGroup(key, entitlementGroup) : roles.filter(({ requestable }) => requestable).flatMap((role) => checkGroup(entitlementName({ toolKey: key, roleKey: role.key }), role.entitlementGroup));
}
function checkGroup(key: string, entitlementGroup: Tool['entitlementGroup']): readonly Check[] {
  if (entitlementGroup === null) return [warn('configuration', `${key} has no entitlement group`, 'Create or bind its group: it can\'t be approved before.')];
  return entitlementGroup.assignmentConfirmedAt === null ? [warn('configuration', `nobody has confirmed that the group of ${key} opens the real app`, 'Confirm the assignment: it can\'t be approved before.')] : [];
}

const checkDeadLetters = (api: ApiClient): Promise<readonly Check[]> =>
  look('configuration', 'the jobs', async () => {
    const { items } = await api.get('/jobs', pageOf(shownJobRow), { status: 'deadLetter', limit: MOST });
    return items.length === 0 ? [] : [warn('configuration', `${atMost(items.length)} jobs have given up`, 'aiclearance jobs --status deadLetter says why; aiclearance retry tries again.')];
  });

const checkManualActions = (api: ApiClient): Promise<readonly Check[]> =>
  look('configuration', 'the manual actions', async () => {
    const { items } = await api.get('/manual-actions', pageOf(shownManualAction), { status: 'open', limit: MOST });
    return items.length === 0 ? [] : [warn('configuration', `${atMost(items.length)} manual actions wait for somebody`, 'aiclearance manual-actions --status open lists them.')];
  });

const checkAudit = (api: ApiClient): Promise<readonly Check[]> =>
  look('audit', 'the last verification', async () => {
    const verify = 'aiclearance audit verify checks the chain now.';
    try {
      const { ok: isProven, finishedAt, entriesChecked, firstBad, status } = await api.get('/audit/verifications/latest', shownVerification);
      if (isProven === true) return [ok('audit', `${entriesChecked} entries verified ${finishedAt ?? ''}`.trimEnd())];
      return [fail('audit', firstBad === null ? `the last verification is ${status}` : `entry ${firstBad.seq} is bad: ${firstBad.reason}`, `Keep the database as it is and find out who changed it; ${verify}`)];
    } catch (error) {
      if (error instanceof CliProblem && error.body['status'] === 404) return [warn('audit', 'the chain was never verified', verify)];
      throw error;
    }
  });
