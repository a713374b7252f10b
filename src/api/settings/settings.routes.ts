import { SETTINGS, settingsView, type SettingsName } from '../../contracts/project.contract.js';
import { API } from '../common/paths.js';
import { Roles, route } from '../common/route.js';

const get = { method: 'GET', tag: 'Settings', access: Roles('admin'), kind: 'item' } as const;
const put = { method: 'PUT', tag: 'Settings', access: Roles('admin'), kind: 'command', ifMatch: 'optional' } as const;
const path = (name: SettingsName): string => `${API}/settings/${name}`;

export const getIntake = route({ ...get, path: path('intake'), operation: 'getIntakeSettings', answers: { 200: settingsView('intake') }, summary: 'Which portal and request types open the gate.' });
export const putIntake = route({ ...put, path: path('intake'), operation: 'putIntakeSettings', body: SETTINGS.intake, answers: { 200: settingsView('intake') }, summary: 'Replace these settings.', problems: ['if_match.stale', 'settings.check_failed'] });
export const getRouting = route({ ...get, path: path('routing'), operation: 'getRoutingSettings', answers: { 200: settingsView('routing') }, summary: 'Who decides where no registered project says so.' });
export const putRouting = route({ ...put, path: path('routing'), operation: 'putRoutingSettings', body: SETTINGS.routing, answers: { 200: settingsView('routing') }, summary: 'Replace these settings.', problems: ['if_match.stale', 'settings.check_failed'] });
export const getSla = route({ ...get, path: path('sla'), operation: 'getSlaSettings', answers: { 200: settingsView('sla') }, summary: 'When a pending request is a breach, and when it lapses.' });
export const putSla = route({ ...put, path: path('sla'), operation: 'putSlaSettings', body: SETTINGS.sla, answers: { 200: settingsView('sla') }, summary: 'Replace these settings.', problems: ['if_match.stale'] });
export const getRecertification = route({ ...get, path: path('recertification'), operation: 'getRecertificationSettings', answers: { 200: settingsView('recertification') }, summary: 'Where recertification issues are created.' });
export const putRecertification = route({ ...put, path: path('recertification'), operation: 'putRecertificationSettings', body: SETTINGS.recertification, answers: { 200: settingsView('recertification') }, summary: 'Replace these settings.', problems: ['if_match.stale', 'settings.check_failed'] });
export const getSelfService = route({ ...get, path: path('self-service'), operation: 'getSelfServiceSettings', answers: { 200: settingsView('self-service') }, summary: 'Whether holders extend by themselves; what expiring soon means.' });
export const putSelfService = route({ ...put, path: path('self-service'), operation: 'putSelfServiceSettings', body: SETTINGS['self-service'], answers: { 200: settingsView('self-service') }, summary: 'Replace these settings.', problems: ['if_match.stale'] });
export const getDataClasses = route({ ...get, path: path('data-classes'), operation: 'getDataClassesSettings', answers: { 200: settingsView('data-classes') }, summary: "The site's closed list of data classes." });
export const putDataClasses = route({ ...put, path: path('data-classes'), operation: 'putDataClassesSettings', body: SETTINGS['data-classes'], answers: { 200: settingsView('data-classes') }, summary: 'Replace these settings.', problems: ['if_match.stale'] });
export const getReconciliation = route({ ...get, path: path('reconciliation'), operation: 'getReconciliationSettings', answers: { 200: settingsView('reconciliation') }, summary: 'How often groups are compared with grants, and when a comparison stops and asks.' });
export const getLeaver = route({ ...get, path: path('leaver'), operation: 'getLeaverSettings', answers: { 200: settingsView('leaver') }, summary: 'Whether people who left lose their access by themselves, and when that stops and asks.' });
export const putLeaver = route({ ...put, path: path('leaver'), operation: 'putLeaverSettings', body: SETTINGS.leaver, answers: { 200: settingsView('leaver') }, summary: 'Replace these settings.', problems: ['if_match.stale'] });
export const getRetention = route({ ...get, path: path('retention'), operation: 'getRetentionSettings', answers: { 200: settingsView('retention') }, summary: 'For how many days the audit trail, external identities and finished jobs are kept.' });
export const putRetention = route({ ...put, path: path('retention'), operation: 'putRetentionSettings', body: SETTINGS.retention, answers: { 200: settingsView('retention') }, summary: 'Replace these settings.', problems: ['if_match.stale'] });
export const putReconciliation = route({ ...put, path: path('reconciliation'), operation: 'putReconciliationSettings', body: SETTINGS.reconciliation, answers: { 200: settingsView('reconciliation') }, summary: 'Replace these settings.', problems: ['if_match.stale'] });
