import { SETTINGS, settingsView, type SettingsName } from '../../contracts/project.contract.js';
import type { ProblemCode } from '../../contracts/refusal-status.js';
import { API } from '../common/paths.js';
import { Roles, route } from '../common/route.js';

interface About { readonly summary: string; /** Refusals of a document that is looked at beyond its shape. */ readonly problems?: readonly ProblemCode[] }
const CHECKED = ['settings.check_failed'] as const;
const ABOUT: { readonly [N in SettingsName]: About } = {
  intake: { summary: 'Which portal and request types open the gate.', problems: CHECKED },
  routing: { summary: 'Who decides where no registered project says so.', problems: CHECKED },
  sla: { summary: 'When a pending request is a breach, and when it lapses.' },
  recertification: { summary: 'Where recertification issues are created.', problems: CHECKED },
  'self-service': { summary: 'Whether holders extend by themselves; what expiring soon means.' },
  'data-classes': { summary: "The site's closed list of data classes." },
  reconciliation: { summary: 'How often groups are compared with grants, and when a comparison stops and asks.' },
  leaver: { summary: 'Whether people who left lose their access by themselves, and when that stops and asks.' },
  retention: { summary: 'For how many days the audit trail, external identities and finished jobs are kept.' },
};

/** The two routes of one settings document, with its own schema in both. */
export function settingsRoutes(name: SettingsName) {
  const common = { path: `${API}/settings/${name}`, tag: 'Settings', access: Roles('admin'), answers: { 200: settingsView(name) } } as const;
  const called = `${name.split('-').map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join('')}Settings`;
  return {
    get: route({ ...common, method: 'GET', kind: 'item', operation: `get${called}`, summary: ABOUT[name].summary }),
    put: route({
      ...common, method: 'PUT', kind: 'command', operation: `put${called}`, ifMatch: 'optional', body: SETTINGS[name], summary: 'Replace these settings.',
      problems: ['if_match.stale', ...(ABOUT[name].problems ?? [])],
    }),
  };
}
