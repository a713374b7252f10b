import type { SettingsName, SettingsOf } from '../../contracts/project.contract.js';
import type { FieldError } from '../../contracts/problem.contract.js';
import type { ApiRefusal } from '../../contracts/refusal-status.js';
import { JiraUnavailable } from '../ports/api-commands.port.js';
import { JiraFailure, type JiraPort } from '../ports/jira.port.js';

/** What the product does in a project that it takes requests from (SPEC A5, A13). */
const INTAKE_PERMISSIONS = ['BROWSE_PROJECTS', 'TRANSITION_ISSUES', 'ADD_COMMENTS'];
const RECERTIFICATION_PERMISSIONS = ['BROWSE_PROJECTS', 'CREATE_ISSUES', 'ADD_COMMENTS'];
type Missing = readonly FieldError[];

/** Documents that Jira has nothing to say about. */
const OURS: ReadonlySet<SettingsName> = new Set(['sla', 'self-service', 'data-classes', 'reconciliation', 'leaver', 'retention']);

/** Whether this document has anything that Jira must confirm; one of a new name is asked about until it is listed above. */
export function needsJira(name: SettingsName, value: SettingsOf<SettingsName>): boolean {
  if (OURS.has(name)) return false;
  if ('requestTypeIds' in value) return value.enabled || value.projectKey !== null;
  return 'issueTypeId' in value ? value.projectKey !== null || value.issueTypeId !== null : true;
}

/** Checks settings in Jira and names everything that is missing (SPEC I8). @throws JiraUnavailable when Jira does not answer */
export async function refuseSettings(jira: JiraPort | null, value: SettingsOf<SettingsName>, projectKeys: readonly string[]): Promise<{ readonly ok: false; readonly refusal: ApiRefusal } | null> {
  if (jira === null) return failed([missing('', 'jira.not_connected', 'This site has no connection to Jira')]);
  const errors = await ask(jira, value, projectKeys);
  return errors.length === 0 ? null : failed(errors);
}

async function ask(jira: JiraPort, value: SettingsOf<SettingsName>, projectKeys: readonly string[]): Promise<Missing> {
  try {
    if ('requestTypeIds' in value) return await checkIntake(jira, value);
    if ('issueTypeId' in value) return await checkRecertification(jira, value);
    const found = await Promise.all(projectKeys.map((key) => checkProject(jira, key, INTAKE_PERMISSIONS)));
    return found.flat();
  } catch (error) {
    if (!(error instanceof JiraFailure)) throw error;
    if (error.kind === 'retryable' || error.kind === 'invalidAnswer') throw new JiraUnavailable(error.detail, { cause: error });
    return [missing('', `jira.${error.kind}`, error.detail)];
  }
}

async function checkIntake(jira: JiraPort, { enabled, projectKey, requestTypeIds }: SettingsOf<'intake'>): Promise<Missing> {
  if (projectKey === null) return [missing('projectKey', 'project.missing', 'Name the intake project')];
  const errors = [...await checkProject(jira, projectKey, INTAKE_PERMISSIONS)];
  if (enabled && requestTypeIds.length === 0) errors.push(missing('requestTypeIds', 'request_type.missing', 'Name at least one request type'));
  if (errors.some((error) => error.code === 'project.unknown') || requestTypeIds.length === 0) return errors;
  const known = new Set((await jira.listRequestTypes(projectKey)).map(({ id }) => id));
  const unknown = requestTypeIds.flatMap((id, index) => (known.has(id) ? [] : [missing(`requestTypeIds[${index}]`, 'request_type.unknown', `Project ${projectKey} has no request type ${id}`)]));
  return [...errors, ...unknown];
}

async function checkRecertification(jira: JiraPort, { projectKey, issueTypeId }: SettingsOf<'recertification'>): Promise<Missing> {
  if (projectKey === null) return [missing('projectKey', 'project.missing', 'Name the project of recertification issues')];
  if (issueTypeId === null) return [missing('issueTypeId', 'issue_type.missing', 'Name the issue type of recertification issues')];
  const errors = await checkProject(jira, projectKey, RECERTIFICATION_PERMISSIONS);
  if (errors.some((error) => error.code === 'project.unknown')) return errors;
  const known = await jira.listIssueTypes(projectKey);
  return known.some(({ id }) => id === issueTypeId) ? errors : [...errors, missing('issueTypeId', 'issue_type.unknown', `Project ${projectKey} has no issue type ${issueTypeId}`)];
}

async function checkProject(jira: JiraPort, projectKey: string, permissions: readonly string[]): Promise<Missing> {
  if (await jira.findProject(projectKey) === null) return [missing('projectKey', 'project.unknown', `Jira has no project ${projectKey} that the app can see`)];
  const lacking = await jira.missingPermissions(projectKey, permissions);
  return lacking.map((permission) => missing('projectKey', 'permission.missing', `The app lacks ${permission} in ${projectKey}`));
}

const missing = (path: string, code: string, message: string): FieldError => ({ path, code, message });
const failed = (errors: Missing): { readonly ok: false; readonly refusal: ApiRefusal } =>
  ({ ok: false, refusal: { code: 'settings.check_failed', detail: errors.map(({ message }) => message).join('; '), errors } });
