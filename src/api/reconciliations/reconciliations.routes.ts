import { z } from 'zod';
import { page } from '../../contracts/page.contract.js';
import { toolKey } from '../../contracts/primitives.js';
import {
  acceptBaselineAnswer, acceptBaselineBody, baselineListQuery, baselineView, findingListQuery, findingView, reconciliationExportQuery, reconciliationListQuery, reconciliationView, resolveFindingBody, startReconciliationBody,
} from '../../contracts/reconciliation.contract.js';
import { API, idParams } from '../common/paths.js';
import { Roles, route } from '../common/route.js';

const base = { tag: 'Reconciliation', access: Roles('admin') } as const;
const read = { tag: 'Reconciliation', access: Roles('admin', 'auditor') } as const;
const keyParams = z.strictObject({ key: toolKey });

export const startReconciliation = route({
  ...base, method: 'POST', path: `${API}/reconciliations`, operation: 'startReconciliation', kind: 'command', body: startReconciliationBody, answers: { 202: reconciliationView },
  summary: "Compare a connector's groups, or one tool's, with the grants. Asked again while it runs, it is the same run.", problems: ['connector.not_found', 'reconciliation.nothing_to_compare', 'tool.not_found'],
});
export const listReconciliations = route({
  ...read, method: 'GET', path: `${API}/reconciliations`, operation: 'listReconciliations', kind: 'list', sort: 'instant', query: reconciliationListQuery, answers: { 200: page(reconciliationView) }, summary: 'Runs, newest first.',
});
export const getReconciliation = route({
  ...read, method: 'GET', path: `${API}/reconciliations/:id`, operation: 'getReconciliation', kind: 'item', params: idParams, notFound: 'reconciliation.not_found', answers: { 200: reconciliationView },
  summary: 'How far a run is, what it counted, and which groups it held or could not list.',
});
export const exportReconciliation = route({
  ...read, method: 'GET', path: `${API}/reconciliations/:id/export`, operation: 'exportReconciliation', kind: 'plain', params: idParams, notFound: 'reconciliation.not_found', query: reconciliationExportQuery, answers: { 200: z.string() }, mediaTypes: ['text/csv', 'application/x-ndjson'],
  summary: 'Every difference of a run with what a fresh read said and what became of it, as JSON lines or CSV.',
});
export const listFindings = route({
  ...read, method: 'GET', path: `${API}/findings`, operation: 'listFindings', kind: 'list', sort: 'instant', query: findingListQuery, answers: { 200: page(findingView) }, summary: 'What was found that nobody decided, newest first.',
});
export const getFinding = route({
  ...read, method: 'GET', path: `${API}/findings/:id`, operation: 'getFinding', kind: 'item', params: idParams, notFound: 'finding.not_found', answers: { 200: findingView }, summary: 'One finding with its evidence.',
});
export const resolveFinding = route({
  ...base, method: 'POST', path: `${API}/findings/:id/resolve`, operation: 'resolveFinding', kind: 'command', params: idParams, notFound: 'finding.not_found', body: resolveFindingBody, answers: { 200: findingView },
  summary: 'Accept it, which makes an added member baseline access; have it put right; or dismiss it until it is gone and comes back.', problems: ['finding.already_resolved', 'finding.being_repaired', 'finding.not_acceptable', 'finding.not_repairable'],
});
export const listBaseline = route({
  ...read, method: 'GET', path: `${API}/tools/:key/baseline`, operation: 'listBaseline', kind: 'list', sort: 'instant', params: keyParams, notFound: 'tool.not_found', query: baselineListQuery, answers: { 200: page(baselineView) },
  summary: 'Who has the tool without a request: members present when its group was bound, and those accepted later.',
});
export const acceptBaseline = route({
  ...base, method: 'POST', path: `${API}/tools/:key/baseline/accept`, operation: 'acceptBaseline', kind: 'command', params: keyParams, notFound: 'tool.not_found', body: acceptBaselineBody, answers: { 200: acceptBaselineAnswer },
  summary: 'Accept proposed baseline access: all of it, or what is named.',
});
