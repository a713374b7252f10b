import { intakeAnswer, issueCreatedBody } from '../../contracts/intake.contract.js';
import { API } from '../common/paths.js';
import { IntakeAccess, route } from '../common/route.js';

export const issueCreated = route({
  method: 'POST', path: `${API}/intake/jira/issue-created`, operation: 'intakeIssueCreated', tag: 'Intake', access: IntakeAccess, kind: 'command', body: issueCreatedBody,
  answers: { 202: intakeAnswer }, summary: 'Jira\'s issue-created event. The snapshot is read from Jira, never from the event; however often it comes, one request is made.',
});
