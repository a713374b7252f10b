import { worldPeople, worldTools } from '../sandbox/world.js';
import type { DatabaseUrls } from '../persistence/bootstrap.js';
import type { SandboxReady } from './sandbox-ready.js';

/** Where the engine is; the same for all processes. */
export interface EngineAccess {
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string | undefined;
  readonly tls: boolean;
  readonly apiKey: string | undefined;
}

/** Names of the secrets that are drawn for a data folder; each process is handed only those of its own. */
export const SECRET_NAMES = ['dbOwner', 'dbApi', 'dbGovernance', 'dbCore', 'dbSealer', 'dbKeeper', 'payloadKey', 'identityHashKey', 'jiraSealingKey', 'auditMacKey', 'sandboxSignInKey'] as const;
export type StackSecrets = Readonly<Record<(typeof SECRET_NAMES)[number], string>>;

export interface StackFacts {
  readonly inherited: Readonly<Record<string, string>>;
  readonly secrets: StackSecrets;
  readonly sealingPublicKeys: string;
  readonly sealingPrivateKeys: string;
  readonly database: DatabaseUrls;
  readonly engine: EngineAccess;
  readonly sandbox: SandboxReady;
  readonly apiPort: number;
}

/** A ring of one: `kid:key`. Rotation puts a new key in front (docs/operations.md). */
export const ring = (id: string, key: string): string => `${id}:${key}`;

const shared = ({ inherited, engine, secrets }: StackFacts): Record<string, string> => ({
  NODE_ENV: 'production',
  LOG_LEVEL: 'info',
  ...inherited,
  TEMPORAL_ADDRESS: engine.address,
  TEMPORAL_NAMESPACE: engine.namespace,
  TEMPORAL_TLS: String(engine.tls),
  ...(engine.apiKey === undefined ? {} : { TEMPORAL_API_KEY: engine.apiKey }),
  PAYLOAD_KEYS: ring('payload-1', secrets.payloadKey),
  SANDBOX: 'true',
});

export function apiEnvironment(facts: StackFacts): Record<string, string> {
  const { secrets, database, engine, sandbox, apiPort } = facts;
  return {
    ...shared(facts),
    DATABASE_URL: database.apiUrl,
    API_HOST: '127.0.0.1',
    API_PORT: String(apiPort),
    PUBLIC_URL: `http://127.0.0.1:${apiPort}`,
    ...(engine.uiUrl === undefined ? {} : { TEMPORAL_UI_URL: engine.uiUrl }),
    SEALING_PUBLIC_KEYS: facts.sealingPublicKeys,
    JIRA_SEALING_KEYS: ring('jira-1', secrets.jiraSealingKey),
    AUDIT_MAC_KEYS: ring('audit-1', secrets.auditMacKey),
    FORGE_APP_ID: sandbox.forge.appId,
    FORGE_JWKS_URL: sandbox.forge.jwksUrl,
    SANDBOX_SIGN_IN_KEY: secrets.sandboxSignInKey,
    SANDBOX_INFO: JSON.stringify(sandboxInfo(facts)),
  };
}

export function governanceEnvironment(facts: StackFacts): Record<string, string> {
  const { secrets, database } = facts;
  return {
    ...shared(facts),
    DATABASE_URL: database.governanceUrl,
    SEALER_DATABASE_URL: database.sealerUrl,
    AUDIT_MAC_KEYS: ring('audit-1', secrets.auditMacKey),
    JIRA_SEALING_KEYS: ring('jira-1', secrets.jiraSealingKey),
  };
}

export function coreEnvironment(facts: StackFacts): Record<string, string> {
  const { secrets, database, sandbox } = facts;
  return {
    ...shared(facts),
    DATABASE_URL: database.coreUrl,
    SEALING_PRIVATE_KEYS: facts.sealingPrivateKeys,
    IDENTITY_HASH_KEY: secrets.identityHashKey,
    // The sandbox's own limits are far above a real tenant's; a day's demonstration must not wait for them.
    OKTA_REQUESTS_PER_SECOND: '2000',
    ENTRA_REQUESTS_PER_SECOND: '2000',
    ...(sandbox.entra.caPem === undefined ? {} : { EXTRA_CA_PEM: sandbox.entra.caPem }),
  };
}

/** What `GET /api/v1/sandbox` shows (API.md). */
function sandboxInfo({ sandbox, engine }: StackFacts): unknown {
  const { authorityHost, graphBaseUrl, tenantId, clientId, clientSecret } = sandbox.entra;
  const [jira] = sandbox.jira;
  return {
    okta: sandbox.okta,
    entra: { authorityHost, graphBaseUrl, tenantId, clientId, clientSecret },
    jira: jira === undefined ? undefined : { baseUrl: jira.baseUrl, email: jira.email, apiToken: jira.apiToken, projectKey: jira.projectKey, requestTypeIds: jira.requestTypeIds },
    temporal: { address: engine.address, namespace: engine.namespace, uiUrl: engine.uiUrl ?? '' },
    people: worldPeople.map(({ accountId, displayName, roles, jiraGroups, siteId, oktaLogin, entraUpn }) => ({ accountId, displayName, roles, jiraGroups, siteId, oktaLogin, entraUpn })),
    tools: worldTools.map(({ key, provider, siteId }) => ({ key, provider, siteId })),
  };
}
