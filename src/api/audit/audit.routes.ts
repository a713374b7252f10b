import { auditEventView, auditListQuery, auditSeqParam, auditVerification } from '../../contracts/audit.contract.js';
import { emptyBody, page } from '../../contracts/page.contract.js';
import { API } from '../common/paths.js';
import { Roles, route } from '../common/route.js';

const tag = 'Audit';
const access = Roles('admin', 'auditor');

export const listAuditEvents = route({
  method: 'GET', path: `${API}/audit/events`, operation: 'listAuditEvents', tag, access, kind: 'list', sort: 'sequence', query: auditListQuery, answers: { 200: page(auditEventView) },
  summary: 'Sealed entries with the bytes that were hashed.',
});
export const getAuditEvent = route({
  method: 'GET', path: `${API}/audit/events/:seq`, operation: 'getAuditEvent', tag, access, kind: 'item', params: auditSeqParam, notFound: 'audit_event.not_found', answers: { 200: auditEventView }, summary: 'One entry by its number.',
});
export const startVerification = route({
  method: 'POST', path: `${API}/audit/verifications`, operation: 'verifyAudit', tag, access, kind: 'command', body: emptyBody, answers: { 200: auditVerification },
  summary: 'Check the whole chain of the site: links, hashes, MACs, numbers. The result is kept and audited. At most five a minute.', problems: ['rate.limited'],
});
export const latestVerification = route({
  method: 'GET', path: `${API}/audit/verifications/latest`, operation: 'getLatestVerification', tag, access, kind: 'item', notFound: 'audit_verification.not_found', answers: { 200: auditVerification },
  summary: 'The newest result; 404 before the first.',
});
