import { createKillSwitchBody, killSwitchItemQuery, killSwitchItemView, killSwitchListQuery, killSwitchView } from '../../contracts/kill-switch.contract.js';
import { emptyBody, page } from '../../contracts/page.contract.js';
import { API, idParams } from '../common/paths.js';
import { Roles, route } from '../common/route.js';

const base = { tag: 'Kill switches', access: Roles('admin') } as const;
const notFound = 'kill_switch.not_found';

export const createKillSwitch = route({
  ...base, method: 'POST', path: `${API}/kill-switches`, operation: 'createKillSwitch', kind: 'command', body: createKillSwitchBody, answers: { 201: killSwitchView },
  summary: 'End every grant of a tool, a connector or a person and deny what is pending; a dry run only lists. Nobody gets access that it names until it is restored.', problems: ['kill_switch.in_force', 'kill_switch.unknown_target'],
});
export const listKillSwitches = route({
  ...base, method: 'GET', path: `${API}/kill-switches`, operation: 'listKillSwitches', kind: 'list', sort: 'instant', query: killSwitchListQuery, answers: { 200: page(killSwitchView) },
  summary: 'Kill switches and leavers\' cases, newest first.',
});
export const getKillSwitch = route({
  ...base, method: 'GET', path: `${API}/kill-switches/:id`, operation: 'getKillSwitch', kind: 'item', params: idParams, notFound, answers: { 200: killSwitchView },
  summary: 'How far it is: what is verified absent is counted from the grants.',
});
export const listKillSwitchItems = route({
  ...base, method: 'GET', path: `${API}/kill-switches/:id/items`, operation: 'listKillSwitchItems', kind: 'list', sort: 'text', params: idParams, notFound, query: killSwitchItemQuery, answers: { 200: page(killSwitchItemView) },
  summary: 'Every grant and request that it reaches, with what came of it.',
});
export const restoreKillSwitch = route({
  ...base, method: 'POST', path: `${API}/kill-switches/:id/restore`, operation: 'restoreKillSwitch', kind: 'command', params: idParams, notFound, body: emptyBody, answers: { 200: killSwitchView },
  summary: 'Stop blocking, and give those whose approval still holds the time that was left to them.', problems: ['kill_switch.not_executed', 'kill_switch.restored_already'],
});
export const confirmKillSwitch = route({
  ...base, method: 'POST', path: `${API}/kill-switches/:id/confirm`, operation: 'confirmKillSwitch', kind: 'command', params: idParams, notFound, body: emptyBody, answers: { 200: killSwitchView },
  summary: 'Go on with a leaver\'s case that the mass-loss breaker holds.', problems: ['kill_switch.nothing_to_confirm'],
});
