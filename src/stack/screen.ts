import { worldPeople } from '../sandbox/world.js';
import type { EngineAccess } from './environments.js';
import type { SandboxReady } from './sandbox-ready.js';

export interface ScreenFacts {
  readonly apiUrl: string;
  readonly engine: EngineAccess;
  readonly sandbox: SandboxReady;
  /** How the database is reached, without a password. */
  readonly databaseLabel: string;
  readonly dataDir: string;
  readonly readySeconds: number;
  readonly isNew: boolean;
}

/** The one screen that a start prints: what runs where, who can sign in, what to try. */
export function screenOf(facts: ScreenFacts): string {
  const { apiUrl, engine, sandbox } = facts;
  const [jira] = sandbox.jira;
  return [
    '',
    `AI Clearance is ready after ${facts.readySeconds.toFixed(1)} s. ${facts.isNew ? 'New data' : 'Going on with the data'} in ${facts.dataDir}`,
    '',
    'What runs where',
    ...table([
      ['API', `${apiUrl}/api/v1`],
      ['API documentation', `${apiUrl}/api/docs`],
      ['Temporal Web UI', engine.uiUrl === undefined ? '(yours: set TEMPORAL_UI_URL for links)' : `${engine.uiUrl}/namespaces/${engine.namespace}/workflows`],
      ['Temporal', `${engine.address}, namespace ${engine.namespace}`],
      ['Postgres', facts.databaseLabel],
      ['sandbox Okta', sandbox.okta.baseUrl],
      ['sandbox Microsoft', sandbox.entra.graphBaseUrl],
      ['sandbox Jira', jira?.baseUrl ?? ''],
      ['logs', `${facts.dataDir}/logs`],
    ]),
    '',
    'Who can sign in (made-up people, no passwords)',
    ...table(worldPeople.filter(({ siteId }) => siteId === worldPeople[0]?.siteId).map(({ displayName, roles, accountId, oktaLogin, entraUpn }) => [
      displayName, `${accountId}  ${roles.filter((role) => role !== 'requester' || roles.length === 1).join(', ')}${oktaLogin === undefined && entraUpn === undefined ? ', mapped nowhere' : ''}`,
    ])),
    '',
    'What to try',
    ...tryThis(apiUrl),
    '',
  ].join('\n');
}

function tryThis(apiUrl: string): readonly string[] {
  const requester = worldPeople[0]?.accountId ?? '';
  const approver = worldPeople.find(({ roles }) => roles.includes('approver'))?.accountId ?? '';
  const json = "-H 'content-type: application/json'";
  return [
    `  A=${apiUrl}/api/v1`,
    `  signin() { curl -s $A/sandbox/sign-in ${json} -d "{\\"accountId\\":\\"$1\\"}" | sed 's/.*"token":"\\([^"]*\\)".*/\\1/'; }`,
    `  ADA=$(signin ${requester}); CARLA=$(signin ${approver})`,
    `  curl -s $A/requests -H "authorization: Bearer $ADA" ${json} -d '{"toolKey":"claude-team","businessUse":"Review my drafts","dataClasses":["internal"],"durationDays":14}'`,
    '  curl -s $A/me/approvals -H "authorization: Bearer $CARLA"',
    `  curl -s $A/requests/ID/decisions -H "authorization: Bearer $CARLA" ${json} -d '{"decision":"approve"}'`,
    '  curl -s $A/me/access -H "authorization: Bearer $ADA"',
  ];
}

function table(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}
