import { completeManualActionBody, jobListQuery, jobView, manualActionAnswer, manualActionListQuery, manualActionView } from '../../contracts/job.contract.js';
import { emptyBody, page } from '../../contracts/page.contract.js';
import { API, idParams } from '../common/paths.js';
import { Authenticated, route } from '../common/route.js';

const tag = 'Fulfilment';

export const listJobs = route({
  method: 'GET', path: `${API}/jobs`, operation: 'listJobs', tag, access: Authenticated, kind: 'list', sort: 'instant', query: jobListQuery, answers: { 200: page(jobView) },
  summary: 'Provisioning jobs with attempts, next attempt and last error; for admins and the approvers of their requests.',
});
export const retryJob = route({
  method: 'POST', path: `${API}/jobs/:id/retry`, operation: 'retryJob', tag, access: Authenticated, kind: 'command', params: idParams, notFound: 'job.not_found', body: emptyBody,
  answers: { 200: jobView }, summary: 'Try again now, without a new approval.', problems: ['job.not_retryable', 'review.not_approver'],
});
export const listManualActions = route({
  method: 'GET', path: `${API}/manual-actions`, operation: 'listManualActions', tag, access: Authenticated, kind: 'list', sort: 'instant', query: manualActionListQuery,
  answers: { 200: page(manualActionView) }, summary: 'Work that people do because the product may not or cannot.',
});
export const completeManualAction = route({
  method: 'POST', path: `${API}/manual-actions/:id/complete`, operation: 'completeManualAction', tag, access: Authenticated, kind: 'command', params: idParams,
  notFound: 'manual_action.not_found', body: completeManualActionBody, answers: { 200: manualActionAnswer },
  summary: 'Mark fulfilled, deprovisioned or verified. The identity provider is read again; its answer is part of ours.',
  problems: ['mapping.missing', 'membership.not_read_back', 'membership.still_present', 'manual_action.already_done', 'manual_action.wrong_outcome', 'policy.denied', 'review.not_approver', 'review.self_approval'],
});
