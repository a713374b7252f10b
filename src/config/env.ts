import { z } from 'zod';
import { clientKeys } from './client-keys.js';
import { base64Key, keyRing } from './key-ring.js';
import { remoteCoreOf, remoteCoreShape } from './remote-core.js';

/** Configuration of every process, read once at boot; nothing outside src/config reads process.env. A secret has no default: a process without it stops with its name. */
const flag = z.enum(['true', 'false']).transform((v) => v === 'true');
const csv = z.string().transform((v) => v.split(',').map((s) => s.trim()).filter(Boolean));

const days = z.coerce.number().int().min(1).max(3_650);
/** What counts for sites that have saved no retention settings (SPEC E11). */
const retention = { AUDIT_RETENTION_DAYS: days.default(365), EXTERNAL_IDENTITY_RETENTION_DAYS: days.optional(), JOB_RETENTION_DAYS: days.default(90) };

const shared = {
  NODE_ENV: z.string().default('production'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** A role of its own for each process; the owner or a superuser is refused at boot. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(100).default(10),
  TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().default('access'),
  TEMPORAL_TLS: flag.default(false),
  TEMPORAL_API_KEY: z.string().optional(),
  /** Encrypts every Temporal payload and failure. */
  PAYLOAD_KEYS: keyRing,
  TASK_QUEUE_PREFIX: z.string().regex(/^[a-z0-9-]{0,40}$/).default(''),
  /** True only under `npm start` and in tests: turns on the sandbox routes, sandbox sign-in and the domain clock's offset. */
  SANDBOX: flag.default(false),
};

const apiSchema = z.object({
  ...shared,
  API_HOST: z.string().default('127.0.0.1'),
  API_PORT: z.coerce.number().int().min(0).max(65535).default(8700),
  PUBLIC_URL: z.url().optional(),
  TEMPORAL_UI_URL: z.url().optional(),
  /** Seals connector credentials towards the core worker: the API holds the public half only. */
  SEALING_PUBLIC_KEYS: z.string(),
  /** Opens Jira credentials, which the API and the governance worker share. */
  JIRA_SEALING_KEYS: keyRing,
  AUDIT_MAC_KEYS: keyRing,
  /** Lets connectors be enabled although no marketplace reports a licence (SPEC F3): the operator's own word. */
  ACCEPT_UNREPORTED_LICENCE: flag.default(false),
  ...retention,
  OIDC_ISSUER: z.url().optional(),
  OIDC_AUDIENCE: z.string().optional(),
  OIDC_JWKS_URL: z.url().optional(),
  OIDC_SITE_CLAIM: z.string().default('site'),
  OIDC_GROUPS_CLAIM: z.string().default('groups'),
  OIDC_ACCOUNT_CLAIM: z.string().default('sub'),
  OIDC_ADMIN_GROUPS: csv.default([]),
  OIDC_AUDITOR_GROUPS: csv.default([]),
  /** Other ticket systems, which sign their requests (SPEC I6): `id@site:secret`, two entries of an id while one key replaces the other. */
  SERVICE_CLIENTS: clientKeys({ site: 'required' }).default([]),
  FORGE_APP_ID: z.string().optional(),
  FORGE_JWKS_URL: z.url().default('https://forge.cdn.prod.atlassian-dev.net/.well-known/jwks.json'),
  SANDBOX_SIGN_IN_KEY: base64Key.optional(),
  /** JSON of what GET /sandbox shows: vendor addresses and made-up people (sandbox mode only). */
  SANDBOX_INFO: z.string().optional(),
});
const governanceSchema = z.object({
  ...shared,
  SEALER_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  AUDIT_MAC_KEYS: keyRing,
  JIRA_SEALING_KEYS: keyRing,
  POLL_INTERVAL_MS: z.coerce.number().int().min(100).max(60_000).default(15_000),
  JOB_RETENTION_DAYS: retention.JOB_RETENTION_DAYS,
  ...remoteCoreShape,
});
/** What holds credentials needs, however it is asked: by its queue or over HTTP. */
const coreShape = {
  /** Private halves: only this process can open connector credentials and external identities (SPEC F9, F14). */
  SEALING_PRIVATE_KEYS: z.string(),
  /** Keyed hash that finds duplicates among sealed external identities (SPEC F14); whoever holds it can test guesses, so nobody else does. */
  IDENTITY_HASH_KEY: base64Key,
  /** A certificate authority to trust besides the system's, in PEM; the sandbox's Microsoft needs it. */
  EXTRA_CA_PEM: z.string().optional(),
  /** Calls a second to one Okta org or Entra tenant, by all core workers together; the provider's own limits are learned and kept to besides. */
  OKTA_REQUESTS_PER_SECOND: z.coerce.number().min(0.1).max(10_000).default(10),
  ENTRA_REQUESTS_PER_SECOND: z.coerce.number().min(0.1).max(10_000).default(20),
  /** Where this process serves its metrics; not at all when it is not said. */
  METRICS_PORT: z.coerce.number().int().min(0).max(65535).optional(),
  METRICS_HOST: z.string().default('127.0.0.1'),
  CORE_HTTP_HOST: z.string().default('127.0.0.1'),
  /** Where clients reach Core, as they sign it; without it the Host header stands for it, over plain http. */
  CORE_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
};
const port = z.coerce.number().int().min(0).max(65535);
const coreSchema = z.object({
  ...shared, ...coreShape,
  /** Set: the worker answers signed HTTP besides its queue. */
  CORE_HTTP_PORT: port.optional(),
  CORE_CLIENTS: clientKeys({ site: 'optional' }).optional(),
});
const { NODE_ENV, LOG_LEVEL, DATABASE_URL, DATABASE_POOL_SIZE, SANDBOX } = shared;
const coreApiSchema = z.object({ NODE_ENV, LOG_LEVEL, DATABASE_URL, DATABASE_POOL_SIZE, SANDBOX, ...coreShape, CORE_HTTP_PORT: port.default(8710), CORE_CLIENTS: clientKeys({ site: 'optional' }) });

export type ApiConfig = z.infer<typeof apiSchema>;
export type GovernanceConfig = z.infer<typeof governanceSchema>;
export type CoreConfig = z.infer<typeof coreSchema>;
export type CoreApiConfig = z.infer<typeof coreApiSchema>;

/** @throws Error naming every variable that is missing or wrong, never its value. */
function read<T>(schema: z.ZodType<T>, what: string, source: Readonly<Record<string, string | undefined>>): T {
  const parsed = schema.safeParse(source);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new Error(`The ${what} can't start with this configuration: ${wrong}`);
}

export const readApiConfig = (source = process.env): ApiConfig => {
  const config = read(apiSchema, 'API', source);
  if (config.SANDBOX !== (config.SANDBOX_SIGN_IN_KEY !== undefined)) throw new Error('SANDBOX_SIGN_IN_KEY belongs to sandbox mode (SANDBOX=true) and only there');
  if (config.SANDBOX && !['127.0.0.1', 'localhost', '::1'].includes(config.API_HOST)) throw new Error('Sandbox mode listens on loopback only: its sign-in asks nobody for a password (API_HOST)');
  return config;
};
export const readGovernanceConfig = (source = process.env): GovernanceConfig => {
  const config = read(governanceSchema, 'governance worker', source);
  remoteCoreOf(config);
  return config;
};
export const readCoreConfig = (source = process.env): CoreConfig => {
  const config = read(coreSchema, 'core worker', source);
  if ((config.CORE_HTTP_PORT === undefined) !== (config.CORE_CLIENTS === undefined)) throw new Error('CORE_HTTP_PORT and CORE_CLIENTS belong together: set both to answer signed HTTP besides the queue, or none');
  return config;
};
export const readCoreApiConfig = (source = process.env): CoreApiConfig => read(coreApiSchema, 'core API', source);
