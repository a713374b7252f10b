import { page } from '../../contracts/page.contract.js';
import { bulkDecisionAnswer, bulkDecisionBody, decisionBody, requestListQuery, requestView, submitRequestBody, timelineEntry, withdrawBody } from '../../contracts/request.contract.js';
import { API, idParams } from '../common/paths.js';
import { Authenticated, route } from '../common/route.js';

const tag = 'Requests';
const notFound = 'request.not_found';

export const submitRequest = route({
  method: 'POST', path: `${API}/requests`, operation: 'submitRequest', tag, access: Authenticated, services: true, kind: 'command', body: submitRequestBody, answers: { 201: requestView },
  summary: 'Ask for access to a tool. A tool that is not requestable answers 201 with the decision denied.', problems: ['grant.duplicate_open', 'auth.forbidden'],
});
export const listRequests = route({
  method: 'GET', path: `${API}/requests`, operation: 'listRequests', tag, access: Authenticated, services: true, kind: 'list', sort: 'instant', query: requestListQuery, answers: { 200: page(requestView) },
  summary: 'Requests, newest first: all for admins and auditors, otherwise one\'s own and those routed to one.',
});
export const getRequest = route({
  method: 'GET', path: `${API}/requests/:id`, operation: 'getRequest', tag, access: Authenticated, services: true, kind: 'item', params: idParams, notFound, answers: { 200: requestView }, summary: 'One request.',
});
export const getTimeline = route({
  method: 'GET', path: `${API}/requests/:id/timeline`, operation: 'getRequestTimeline', tag, access: Authenticated, services: true, kind: 'item', params: idParams, notFound,
  answers: { 200: page(timelineEntry) }, summary: 'What happened to a request, in order: audit events, reviews, jobs, read-backs.',
});
export const decideRequest = route({
  method: 'POST', path: `${API}/requests/:id/decisions`, operation: 'decideRequest', tag, access: Authenticated, kind: 'command', params: idParams, notFound, body: decisionBody,
  answers: { 200: requestView }, summary: 'Approve or deny a request. An approver may shorten the duration.',
  problems: ['request.already_decided', 'review.self_approval', 'review.not_approver', 'approval.already_voted', 'grant.duplicate_open', 'review.duration_not_shorter', 'tool.assignment_unconfirmed'],
});
export const bulkDecide = route({
  method: 'POST', path: `${API}/requests/bulk-decisions`, operation: 'bulkDecideRequests', tag, access: Authenticated, kind: 'command', body: bulkDecisionBody,
  answers: { 200: bulkDecisionAnswer }, summary: 'Decide up to fifty requests; each has its own result. At most five times a minute.', problems: ['rate.limited'],
});
export const withdrawRequest = route({
  method: 'POST', path: `${API}/requests/:id/withdraw`, operation: 'withdrawRequest', tag, access: Authenticated, kind: 'command', params: idParams, notFound, body: withdrawBody,
  answers: { 200: requestView }, summary: 'Take back one\'s own pending request.', problems: ['request.already_decided', 'request.not_requester'],
});
