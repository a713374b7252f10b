import { advanceClockAnswer, advanceClockBody, portalRequestAnswer, portalRequestBody, sandboxInfo, signInAnswer, signInBody } from '../../contracts/sandbox.contract.js';
import { API } from '../common/paths.js';
import { Public, route } from '../common/route.js';

const tag = 'Sandbox';

export const getSandbox = route({ method: 'GET', path: `${API}/sandbox`, operation: 'getSandbox', tag, access: Public, kind: 'plain', answers: { 200: sandboxInfo }, summary: 'Addresses, made-up people and passwords of the sandbox.' });
export const signIn = route({ method: 'POST', path: `${API}/sandbox/sign-in`, operation: 'sandboxSignIn', tag, access: Public, kind: 'plain', body: signInBody, answers: { 200: signInAnswer }, summary: 'A token for one of the made-up people.', problems: ['person.not_found'] });
export const createPortalRequest = route({
  method: 'POST', path: `${API}/sandbox/portal-requests`, operation: 'createPortalRequest', tag, access: Public, kind: 'plain', body: portalRequestBody, answers: { 201: portalRequestAnswer },
  summary: 'Play the portal: create the issue in the sandbox Jira, which then delivers its event.', problems: ['person.not_found'],
});
export const advanceClock = route({ method: 'POST', path: `${API}/sandbox/clock`, operation: 'advanceClock', tag, access: Public, kind: 'plain', body: advanceClockBody, answers: { 200: advanceClockAnswer }, summary: 'Move domain time forward and wake what became due.' });
