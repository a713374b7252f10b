import { worldSites } from '../world.js';
import type { SiteId, WorldProject, WorldProjectRole, WorldRequestType, WorldSite } from '../world.js';

/** What an administrator has set up in one Jira tenant: projects, issue types, the workflow. Fixed while it runs. */
export interface JiraTenant {
  readonly site: WorldSite;
  readonly projects: readonly JiraProject[];
}

export interface JiraProject {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  /** Absent: not a service project. */
  readonly serviceDeskId?: string;
  readonly requestTypes: readonly WorldRequestType[];
  readonly issueTypes: WorldProject['issueTypes'];
  readonly requestIssueTypeId: string;
  readonly roles: readonly WorldProjectRole[];
}

export interface JiraStatus {
  readonly id: string;
  readonly name: string;
  readonly category: 'new' | 'indeterminate' | 'done';
}

export interface JiraTransition {
  readonly id: string;
  readonly name: string;
  readonly from: readonly string[];
  readonly to: string;
}

const status = (id: string, name: string, category: JiraStatus['category']): JiraStatus => ({ id, name, category });

export const initialStatusId = '10001';
export const statuses: readonly JiraStatus[] = [
  status('10001', 'Waiting for approval', 'new'),
  status('10002', 'Approved', 'indeterminate'),
  status('10003', 'Declined', 'done'),
  status('10004', 'Canceled', 'done'),
  status('10005', 'Resolved', 'done'),
];

/** One workflow for every issue type: who decided it is a matter of the product, the names are Jira's. */
export const transitions: readonly JiraTransition[] = [
  { id: '11', name: 'Approve', from: ['10001'], to: '10002' },
  { id: '21', name: 'Decline', from: ['10001'], to: '10003' },
  { id: '31', name: 'Cancel request', from: ['10001', '10002'], to: '10004' },
  { id: '41', name: 'Resolve', from: ['10002'], to: '10005' },
  { id: '51', name: 'Reopen', from: ['10003', '10004', '10005'], to: '10001' },
];

export const statusCategories = {
  new: { id: 2, key: 'new', colorName: 'blue-gray', name: 'To Do' },
  indeterminate: { id: 4, key: 'indeterminate', colorName: 'yellow', name: 'In Progress' },
  done: { id: 3, key: 'done', colorName: 'green', name: 'Done' },
} as const;

export function statusOf(id: string): JiraStatus {
  return statuses.find((one) => one.id === id) ?? status(id, 'Unknown', 'new');
}

/** The tenant of a site: its service project, and an ordinary project that issues can be moved to. */
export function tenantOf(siteId: SiteId): JiraTenant {
  const site = worldSites.find((one) => one.id === siteId);
  if (site === undefined) throw new Error(`the sandbox world has no site ${siteId}`);
  const { project } = site;
  const operations: JiraProject = {
    id: String(Number(project.id) + 1),
    key: 'OPS',
    name: 'Operations',
    requestTypes: [],
    issueTypes: project.issueTypes,
    requestIssueTypeId: project.requestIssueTypeId,
    roles: project.roles.filter((role) => role.name === 'Administrators'),
  };
  return { site, projects: [project, operations] };
}

export function findProject(tenant: JiraTenant, idOrKey: string): JiraProject | undefined {
  return tenant.projects.find((project) => project.id === idOrKey || project.key === idOrKey.toUpperCase());
}
