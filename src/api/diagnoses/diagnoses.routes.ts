import { z } from 'zod';
import { diagnosisView } from '../../contracts/diagnosis.contract.js';
import { issueKey } from '../../contracts/primitives.js';
import { API } from '../common/paths.js';
import { Roles, route } from '../common/route.js';

export const getDiagnosis = route({
  method: 'GET', path: `${API}/diagnoses/:issueKey`, operation: 'getDiagnosis', tag: 'Diagnoses', access: Roles('admin'), kind: 'item', params: z.strictObject({ issueKey }), notFound: 'route.not_found', answers: { 200: diagnosisView },
  summary: 'Answers the seven symptoms of the troubleshooting list for one issue: what was looked at in the record and in Jira, what was seen, and what to do.',
});
