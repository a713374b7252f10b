import { page } from '../../contracts/page.contract.js';
import { approvalPolicyListQuery, approvalPolicyView, createApprovalPolicyBody, guardrails, guardrailsView, patchApprovalPolicyBody, policyDefaults, policyDefaultsView } from '../../contracts/policy.contract.js';
import { API, idParams } from '../common/paths.js';
import { Roles, route } from '../common/route.js';

const tag = 'Policy';
const notFound = 'approval_policy.not_found';
const access = Roles('admin');

export const listApprovalPolicies = route({
  method: 'GET', path: `${API}/approval-policies`, operation: 'listApprovalPolicies', tag, access, kind: 'list', sort: 'instant', query: approvalPolicyListQuery,
  answers: { 200: page(approvalPolicyView) }, summary: 'Policies that approve by themselves.',
});
export const createApprovalPolicy = route({
  method: 'POST', path: `${API}/approval-policies`, operation: 'createApprovalPolicy', tag, access, kind: 'command', body: createApprovalPolicyBody, answers: { 201: approvalPolicyView },
  summary: 'Add an approval policy. Without a Jira group it approves nobody.', problems: ['approval_policy.name_taken', 'tool.not_found'],
});
export const getApprovalPolicy = route({
  method: 'GET', path: `${API}/approval-policies/:id`, operation: 'getApprovalPolicy', tag, access, kind: 'item', params: idParams, notFound, answers: { 200: approvalPolicyView }, summary: 'One approval policy.',
});
export const updateApprovalPolicy = route({
  method: 'PATCH', path: `${API}/approval-policies/:id`, operation: 'updateApprovalPolicy', tag, access, kind: 'command', params: idParams, notFound, ifMatch: 'required',
  body: patchApprovalPolicyBody, answers: { 200: approvalPolicyView }, summary: 'Change an approval policy.', problems: ['if_match.stale', 'approval_policy.name_taken', 'tool.not_found'],
});
export const deleteApprovalPolicy = route({
  method: 'DELETE', path: `${API}/approval-policies/:id`, operation: 'deleteApprovalPolicy', tag, access, kind: 'command', params: idParams, notFound, ifMatch: 'required', answers: { 204: null },
  summary: 'Remove an approval policy.', problems: ['if_match.stale'],
});
export const getGuardrails = route({ method: 'GET', path: `${API}/policy/guardrails`, operation: 'getGuardrails', tag, access, kind: 'item', answers: { 200: guardrailsView }, summary: 'What no policy may loosen.' });
export const putGuardrails = route({
  method: 'PUT', path: `${API}/policy/guardrails`, operation: 'putGuardrails', tag, access, kind: 'command', ifMatch: 'optional', body: guardrails, answers: { 200: guardrailsView },
  summary: 'Replace the guardrails.', problems: ['if_match.stale'],
});
export const getDefaults = route({ method: 'GET', path: `${API}/policy/defaults`, operation: 'getPolicyDefaults', tag, access, kind: 'item', answers: { 200: policyDefaultsView }, summary: 'The outcome by risk when no policy says more.' });
export const putDefaults = route({
  method: 'PUT', path: `${API}/policy/defaults`, operation: 'putPolicyDefaults', tag, access, kind: 'command', ifMatch: 'optional', body: policyDefaults, answers: { 200: policyDefaultsView },
  summary: 'Replace the defaults.', problems: ['if_match.stale'],
});
