import { z } from 'zod';
import { page } from '../../contracts/page.contract.js';
import { projectKey } from '../../contracts/primitives.js';
import { createProjectBody, patchProjectBody, projectListQuery, projectView } from '../../contracts/project.contract.js';
import { API } from '../common/paths.js';
import { Roles, route } from '../common/route.js';

const tag = 'Projects';
const notFound = 'project.not_found';
const access = Roles('admin');
const params = z.strictObject({ key: projectKey });

export const listProjects = route({
  method: 'GET', path: `${API}/projects`, operation: 'listProjects', tag, access, kind: 'list', sort: 'text', query: projectListQuery, answers: { 200: page(projectView) }, summary: 'Registered projects and who decides in them.',
});
export const createProject = route({
  method: 'POST', path: `${API}/projects`, operation: 'createProject', tag, access, kind: 'command', body: createProjectBody, answers: { 201: projectView }, summary: 'Register a project.', problems: ['project.key_taken', 'settings.check_failed'],
});
export const getProject = route({ method: 'GET', path: `${API}/projects/:key`, operation: 'getProject', tag, access, kind: 'item', params, notFound, answers: { 200: projectView }, summary: 'One project.' });
export const updateProject = route({
  method: 'PATCH', path: `${API}/projects/:key`, operation: 'updateProject', tag, access, kind: 'command', params, notFound, ifMatch: 'required', body: patchProjectBody, answers: { 200: projectView },
  summary: 'Change approvers, fallback or transition names.', problems: ['if_match.stale', 'settings.check_failed'],
});
export const deleteProject = route({
  method: 'DELETE', path: `${API}/projects/:key`, operation: 'deleteProject', tag, access, kind: 'command', params, notFound, ifMatch: 'required', answers: { 204: null }, summary: 'Take a project out of the registry.', problems: ['if_match.stale'],
});
