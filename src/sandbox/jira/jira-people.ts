import { z } from 'zod';
import { param, parseJson } from '../http/messages.js';
import type { Route, VendorAnswer, VendorRequest } from '../http/messages.js';
import { groupIdOf, groupView, jiraError, jiraTime, userView } from './jira-answers.js';
import { globalPermissions, projectPermissions } from './jira-site.js';
import type { JiraSite } from './jira-site.js';
import type { JiraUser } from './jira-state.js';
import { findProject } from './jira-tenant.js';
import type { JiraProject } from './jira-tenant.js';

const checkSchema = z.strictObject({
  accountId: z.string().optional(),
  globalPermissions: z.array(z.string()).default([]),
  projectPermissions: z
    .array(z.strictObject({ permissions: z.array(z.string()), projects: z.array(z.int()).default([]), issues: z.array(z.int()).default([]) }))
    .default([]),
});

const isKnown = (permission: string): boolean => [...globalPermissions, ...projectPermissions].some((one) => one === permission);
const isGlobal = (permission: string): boolean => globalPermissions.some((one) => one === permission);

/** Start and size of a page from `startAt` and `maxResults`. */
export function pageOf(request: VendorRequest, standard: number, maximum: number): { startAt: number; maxResults: number } {
  const startAt = Number(request.query.get('startAt') ?? 0);
  const maxResults = Number(request.query.get('maxResults') ?? standard);
  return { startAt: Number.isInteger(startAt) && startAt > 0 ? startAt : 0, maxResults: Number.isInteger(maxResults) && maxResults > 0 ? Math.min(maxResults, maximum) : standard };
}

export class JiraPeople {
  constructor(private readonly site: JiraSite) {}

  routes(): Route[] {
    const api = '/rest/api/3';
    return [
      { method: 'GET', pattern: `${api}/myself`, handle: (request) => ({ status: 200, body: this.fullUser(this.site.me(request), request.origin) }) },
      { method: 'GET', pattern: `${api}/user`, handle: (request) => this.user(request) },
      { method: 'GET', pattern: `${api}/user/groups`, handle: (request) => this.userGroups(request) },
      { method: 'GET', pattern: `${api}/user/search`, handle: (request) => this.searchUsers(request) },
      { method: 'GET', pattern: `${api}/user/bulk`, handle: (request) => this.bulkUsers(request) },
      { method: 'GET', pattern: `${api}/group/member`, handle: (request) => this.groupMembers(request) },
      { method: 'GET', pattern: `${api}/groups/picker`, handle: (request) => this.pickGroups(request) },
      { method: 'GET', pattern: `${api}/project/{project}`, handle: (request) => this.project(request) },
      { method: 'GET', pattern: `${api}/project/{project}/role`, handle: (request) => this.roles(request) },
      { method: 'GET', pattern: `${api}/project/{project}/role/{role}`, handle: (request) => this.role(request) },
      { method: 'GET', pattern: `${api}/issuetype/project`, handle: (request) => this.issueTypes(request) },
      { method: 'GET', pattern: `${api}/mypermissions`, handle: (request) => this.myPermissions(request) },
      { method: 'POST', pattern: `${api}/permissions/check`, handle: (request) => this.checkPermissions(request) },
      { method: 'GET', pattern: `${api}/serverInfo`, handle: (request) => this.serverInfo(request) },
    ];
  }

  private user(request: VendorRequest): VendorAnswer {
    const user = this.site.state.users.read(request.query.get('accountId') ?? '');
    if (user === undefined) return jiraError(404, ['Specified user does not exist or you do not have required permissions']);
    return { status: 200, body: this.fullUser(user, request.origin, request.query.get('expand') ?? '') };
  }

  private fullUser(user: JiraUser, origin: string, expand = ''): Record<string, unknown> {
    const items = expand.split(',').includes('groups') ? user.groups.map((name) => groupView(this.site.tenant, name, origin)) : [];
    return { ...userView(user, origin), groups: { size: user.groups.length, items }, applicationRoles: { size: 1, items: [] } };
  }

  private userGroups(request: VendorRequest): VendorAnswer {
    const accountId = request.query.get('accountId');
    if (accountId === null) return jiraError(400, ["The query parameter 'accountId' is required."]);
    const user = this.site.state.users.read(accountId);
    if (user === undefined) return jiraError(404, ['The user with this account ID does not exist or you do not have permission to see it.']);
    return { status: 200, body: user.groups.map((name) => groupView(this.site.tenant, name, request.origin)) };
  }

  private searchUsers(request: VendorRequest): VendorAnswer {
    const accountId = request.query.get('accountId');
    const query = request.query.get('query')?.toLowerCase();
    if (accountId === null && query === undefined) return jiraError(400, ["Either 'query', 'accountId' or 'property' must be given."]);
    const { startAt, maxResults } = pageOf(request, 50, 1000);
    const matches = (user: JiraUser): boolean =>
      accountId === null ? [user.displayName, user.email].some((text) => text.toLowerCase().includes(query ?? '')) : user.accountId === accountId;
    const found = this.site.state.users.readAll().filter((user) => user.active && matches(user));
    return { status: 200, body: found.slice(startAt, startAt + maxResults).map((user) => userView(user, request.origin)) };
  }

  private bulkUsers(request: VendorRequest): VendorAnswer {
    const wanted = request.query.getAll('accountId');
    if (wanted.length === 0) return jiraError(400, ["The query parameter 'accountId' is required."]);
    const { startAt, maxResults } = pageOf(request, 10, 200);
    const found = wanted.flatMap((accountId) => this.site.state.users.read(accountId) ?? []);
    const values = found.slice(startAt, startAt + maxResults).map((user) => userView(user, request.origin));
    return { status: 200, body: { startAt, maxResults, total: found.length, isLast: startAt + maxResults >= found.length, values } };
  }

  private groupMembers(request: VendorRequest): VendorAnswer {
    if (!this.site.holds(this.site.me(request), 'ADMINISTER', undefined)) return jiraError(403, ['You do not have permission to browse groups.']);
    const name = this.groupName(request.query);
    if (name === undefined) return jiraError(404, ['The group does not exist.']);
    const inactiveToo = request.query.get('includeInactiveUsers') === 'true';
    const members = this.site.state.users.readAll().filter((user) => user.groups.includes(name) && (user.active || inactiveToo));
    const { startAt, maxResults } = pageOf(request, 50, 50);
    const isLast = startAt + maxResults >= members.length;
    const link = (start: number): string => {
      const query = new URLSearchParams(request.query);
      query.set('startAt', String(start));
      query.set('maxResults', String(maxResults));
      return `${request.origin}${request.path}?${query.toString()}`;
    };
    const values = members.slice(startAt, startAt + maxResults).map((user) => userView(user, request.origin));
    return { status: 200, body: { self: link(startAt), ...(isLast ? {} : { nextPage: link(startAt + maxResults) }), startAt, maxResults, total: members.length, isLast, values } };
  }

  private groupNames(): string[] {
    return [...new Set(this.site.state.users.readAll().flatMap((user) => user.groups))].sort();
  }

  private groupName(query: URLSearchParams): string | undefined {
    const id = query.get('groupId');
    const wanted = query.get('groupname');
    return this.groupNames().find((name) => (id === null ? name === wanted : groupIdOf(this.site.tenant, name) === id));
  }

  private pickGroups(request: VendorRequest): VendorAnswer {
    const query = (request.query.get('query') ?? '').toLowerCase();
    const names = this.groupNames().filter((name) => name.toLowerCase().includes(query));
    const groups = names.slice(0, 20).map((name) => ({ name, html: name, labels: [], groupId: groupIdOf(this.site.tenant, name) }));
    return { status: 200, body: { header: `Showing ${groups.length} of ${names.length} matching groups`, total: names.length, groups } };
  }

  private withProject(request: VendorRequest, answer: (project: JiraProject) => VendorAnswer): VendorAnswer {
    const wanted = param(request, 'project');
    const project = findProject(this.site.tenant, wanted);
    const visible = project !== undefined && this.site.holds(this.site.me(request), 'BROWSE_PROJECTS', project);
    return visible ? answer(project) : jiraError(404, [`No project could be found with key '${wanted}'.`]);
  }

  private project(request: VendorRequest): VendorAnswer {
    return this.withProject(request, (project) => ({
      status: 200,
      body: {
        self: `${request.origin}/rest/api/3/project/${project.id}`, id: project.id, key: project.key, name: project.name, description: '',
        projectTypeKey: project.serviceDeskId === undefined ? 'software' : 'service_desk', simplified: false, style: 'classic', isPrivate: false, avatarUrls: {},
        assigneeType: 'UNASSIGNED', components: [], versions: [], properties: {},
        issueTypes: this.typeViews(project, request.origin),
        roles: Object.fromEntries(project.roles.map((role) => [role.name, this.roleUrl(project, role.id, request.origin)])),
      },
    }));
  }

  private roles(request: VendorRequest): VendorAnswer {
    return this.withProject(request, (project) => ({
      status: 200,
      body: Object.fromEntries(project.roles.map((role) => [role.name, this.roleUrl(project, role.id, request.origin)])),
    }));
  }

  private role(request: VendorRequest): VendorAnswer {
    return this.withProject(request, (project) => {
      const role = project.roles.find((one) => String(one.id) === param(request, 'role'));
      if (role === undefined) return jiraError(404, ['No role could be found with the given id.']);
      const people = role.accountIds.flatMap((accountId, index) => {
        const user = this.site.state.users.read(accountId);
        if (user === undefined || (request.query.get('excludeInactiveUsers') === 'true' && !user.active)) return [];
        return [{ id: role.id * 100 + index, displayName: user.displayName, type: 'atlassian-user-role-actor', actorUser: { accountId } }];
      });
      const groups = role.groups.map((name, index) => ({
        id: role.id * 100 + 50 + index, displayName: name, name, type: 'atlassian-group-role-actor',
        actorGroup: { displayName: name, name, groupId: groupIdOf(this.site.tenant, name) },
      }));
      return {
        status: 200,
        body: { self: this.roleUrl(project, role.id, request.origin), id: role.id, name: role.name, description: role.description, actors: [...people, ...groups] },
      };
    });
  }

  private roleUrl(project: JiraProject, roleId: number, origin: string): string {
    return `${origin}/rest/api/3/project/${project.id}/role/${roleId}`;
  }

  private typeViews(project: JiraProject, origin: string): unknown[] {
    return project.issueTypes.map((type) => ({
      self: `${origin}/rest/api/3/issuetype/${type.id}`, id: type.id, name: type.name, description: type.description, subtask: false, hierarchyLevel: 0,
    }));
  }

  private issueTypes(request: VendorRequest): VendorAnswer {
    const project = findProject(this.site.tenant, request.query.get('projectId') ?? '');
    return project === undefined ? jiraError(404, ['The project was not found.']) : { status: 200, body: this.typeViews(project, request.origin) };
  }

  private scopeOf(query: URLSearchParams): JiraProject | undefined | VendorAnswer {
    const key = query.get('projectKey') ?? query.get('projectId');
    if (key !== null) return findProject(this.site.tenant, key) ?? jiraError(404, [`No project could be found with key '${key}'.`]);
    const issueKey = query.get('issueKey') ?? query.get('issueId');
    if (issueKey === null) return undefined;
    const issue = this.site.readIssue(issueKey);
    return issue === undefined ? jiraError(404, ['Issue does not exist or you do not have permission to see it.']) : this.site.project(issue);
  }

  private myPermissions(request: VendorRequest): VendorAnswer {
    const wanted = (request.query.get('permissions') ?? '').split(',').filter((one) => one !== '');
    if (wanted.length === 0) return jiraError(400, ["The 'permissions' query parameter is required."]);
    const unknown = wanted.find((one) => !isKnown(one));
    if (unknown !== undefined) return jiraError(400, [`Unrecognized permission: ${unknown}`]);
    const scope = this.scopeOf(request.query);
    if (scope !== undefined && 'status' in scope) return scope;
    const me = this.site.me(request);
    const permissions = Object.fromEntries(wanted.map((key, index) => [key, {
      id: String(index + 1), key, name: key, type: isGlobal(key) ? 'GLOBAL' : 'PROJECT', description: '',
      havePermission: this.site.holds(me, key, scope ?? this.anywhere(me, key)),
    }]));
    return { status: 200, body: { permissions } };
  }

  /** Without a scope Jira says whether the permission is held in any project. */
  private anywhere(me: JiraUser, permission: string): JiraProject | undefined {
    return this.site.tenant.projects.find((project) => this.site.holds(me, permission, project));
  }

  private checkPermissions(request: VendorRequest): VendorAnswer {
    const parsed = checkSchema.safeParse(parseJson(request.body));
    if (!parsed.success) return jiraError(400, ['Invalid request payload. Refer to the REST API documentation and try again.']);
    const me = this.site.me(request);
    const { accountId = me.accountId, globalPermissions: globals, projectPermissions: scoped } = parsed.data;
    if (accountId !== me.accountId && !this.site.holds(me, 'ADMINISTER', undefined)) return jiraError(403, ['You do not have permission to check the permissions of other users.']);
    const user = this.site.state.users.read(accountId);
    if (user === undefined) return jiraError(400, ['The account ID is not valid.']);
    const unknown = [...globals, ...scoped.flatMap((one) => one.permissions)].find((one) => !isKnown(one));
    if (unknown !== undefined) return jiraError(400, [`Unrecognized permission: ${unknown}`]);
    const granted = scoped.flatMap((entry) => entry.permissions.map((permission) => ({
      permission,
      projects: entry.projects.filter((id) => {
        const project = findProject(this.site.tenant, String(id));
        return project !== undefined && this.site.holds(user, permission, project);
      }),
      issues: entry.issues.filter((id) => {
        const issue = this.site.readIssue(String(id));
        return issue !== undefined && this.site.holds(user, permission, this.site.project(issue));
      }),
    })));
    return { status: 200, body: { globalPermissions: globals.filter((one) => this.site.holds(user, one, undefined)), projectPermissions: granted } };
  }

  private serverInfo(request: VendorRequest): VendorAnswer {
    return {
      status: 200,
      body: {
        baseUrl: request.origin, version: '1001.0.0-SNAPSHOT', versionNumbers: [1001, 0, 0], deploymentType: 'Cloud', buildNumber: 100_000,
        serverTime: jiraTime(this.site.at()), serverTitle: this.site.tenant.site.name,
      },
    };
  }
}
