import { extendBody, grantListQuery, grantView, returnBody, revokeBody } from '../../contracts/grant.contract.js';
import { page } from '../../contracts/page.contract.js';
import { API, idParams } from '../common/paths.js';
import { Authenticated, route } from '../common/route.js';

const tag = 'Grants';
const notFound = 'grant.not_found';

export const listGrants = route({
  method: 'GET', path: `${API}/grants`, operation: 'listGrants', tag, access: Authenticated, kind: 'list', sort: 'instant', query: grantListQuery, answers: { 200: page(grantView) },
  summary: 'Grants, newest first; seen by the same people as their requests.',
});
export const getGrant = route({
  method: 'GET', path: `${API}/grants/:id`, operation: 'getGrant', tag, access: Authenticated, kind: 'item', params: idParams, notFound, answers: { 200: grantView }, summary: 'One grant.',
});
export const revokeGrant = route({
  method: 'POST', path: `${API}/grants/:id/revoke`, operation: 'revokeGrant', tag, access: Authenticated, kind: 'command', params: idParams, notFound, body: revokeBody, answers: { 200: grantView },
  summary: 'End access before its time. It is over when absence was read back.', problems: ['review.not_approver', 'grant.not_open', 'grant.removal_open'],
});
export const returnGrant = route({
  method: 'POST', path: `${API}/grants/:id/return`, operation: 'returnGrant', tag, access: Authenticated, kind: 'command', params: idParams, notFound, body: returnBody, answers: { 200: grantView },
  summary: 'Give one\'s own access back.', problems: ['grant.not_holder', 'grant.not_open', 'grant.removal_open'],
});
export const extendGrant = route({
  method: 'POST', path: `${API}/grants/:id/extend`, operation: 'extendGrant', tag, access: Authenticated, kind: 'command', params: idParams, notFound, body: extendBody, answers: { 200: grantView },
  summary: 'Add days to a grant under the rules of a new request: at most 180 days from its first start, seven days of grace.',
  problems: ['extension.life_exceeded', 'extension.out_of_grace', 'extension.review_required', 'extension.self_service_off', 'policy.denied', 'review.self_approval', 'review.not_approver', 'grant.not_open', 'grant.duplicate_open'],
});
