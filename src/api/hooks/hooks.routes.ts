import { z } from 'zod';
import { eventHookView, oktaEvents, putEventHookBody } from '../../contracts/okta-events.contract.js';
import { id } from '../../contracts/primitives.js';
import { API, idParams } from '../common/paths.js';
import { Public, Roles, route } from '../common/route.js';

const params = z.strictObject({ connectorId: id });
const tag = 'Event hooks';

export const verifyOktaHook = route({
  method: 'GET', path: `${API}/hooks/okta/:connectorId`, operation: 'verifyOktaHook', tag, access: Public, kind: 'plain', params, answers: { 200: z.strictObject({ verification: z.string() }) },
  summary: 'Okta\'s one-time check that this address is ours: its challenge is given back.', problems: ['auth.missing'],
});
export const receiveOktaEvents = route({
  method: 'POST', path: `${API}/hooks/okta/:connectorId`, operation: 'receiveOktaEvents', tag, access: Public, kind: 'plain', params, body: oktaEvents, answers: { 200: z.strictObject({ accepted: z.boolean() }) },
  summary: 'Events of an Okta org, with the connector\'s secret in Authorization. A person who may have left is looked at; nothing is done on the event\'s word.', problems: ['auth.invalid'],
});
export const putEventHook = route({
  method: 'PUT', path: `${API}/connectors/:id/event-hook`, operation: 'putEventHook', tag, access: Roles('admin'), kind: 'command', params: idParams, notFound: 'connector.not_found', body: putEventHookBody,
  answers: { 200: eventHookView }, summary: 'Set the secret that the Okta org sends with its events; only its hash is kept.', problems: ['connector.wrong_provider'],
});
