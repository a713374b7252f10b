import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

/** What `npm start` takes from the environment; empty strings count as unset. */
export interface StackEnvironment {
  readonly path: string;
  /** Where fetched programs are kept, across data folders. */
  readonly cacheDir: string;
  /** A Postgres of the operator's own: a role that may create roles and databases, used for bootstrap only. */
  readonly databaseUrl: string | undefined;
  readonly temporalAddress: string | undefined;
  readonly temporalNamespace: string;
  readonly temporalTls: boolean;
  readonly temporalApiKey: string | undefined;
  /** Address of the operator's own Temporal Web UI, for links. */
  readonly temporalUiUrl: string | undefined;
  readonly dataDir: string;
  /** What every child inherits: nothing of the product's own configuration, so that each gets only what is meant for it. */
  readonly inherited: Readonly<Record<string, string>>;
}

/** Of the parent's environment only what programs need to run at all: paths, locale, proxies, certificate bundles, Node's own switches. */
const INHERITED = /^(PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|TEMP|TMP|TZ|LANG|LC_[A-Z]+|(https?|no|all)_proxy|NODE_(OPTIONS|EXTRA_CA_CERTS|ENV|V8_COVERAGE)|SSL_CERT_(FILE|DIR)|LOG_LEVEL|SystemRoot)$/i;

/** Reads the variables that `npm start` knows; the names of those for the processes it starts are in env.ts. */
export function readStackEnvironment(source: Readonly<Record<string, string | undefined>> = process.env): StackEnvironment {
  const given = (name: string): string | undefined => (source[name] === undefined || source[name] === '' ? undefined : source[name]);
  return {
    path: given('PATH') ?? '',
    cacheDir: given('AICLEARANCE_CACHE_DIR') ?? join(given('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'aiclearance'),
    databaseUrl: given('DATABASE_URL'),
    temporalAddress: given('TEMPORAL_ADDRESS'),
    temporalNamespace: given('TEMPORAL_NAMESPACE') ?? 'access',
    temporalTls: given('TEMPORAL_TLS') === 'true',
    temporalApiKey: given('TEMPORAL_API_KEY'),
    temporalUiUrl: given('TEMPORAL_UI_URL'),
    dataDir: given('AICLEARANCE_DATA_DIR') ?? '.aiclearance',
    inherited: Object.fromEntries(Object.entries(source).flatMap(([name, value]) => (INHERITED.test(name) && value !== undefined ? [[name, value]] : []))),
  };
}

const port = z.coerce.number().int().min(0).max(65_535);
const sandboxProcess = z.object({
  /** Folder that keeps the vendors' state and secrets. */
  SANDBOX_DATA_DIR: z.string().min(1),
  /** Where the sandbox Jira delivers its events. */
  SANDBOX_PRODUCT_URL: z.url(),
  SANDBOX_OKTA_PORT: port,
  SANDBOX_ENTRA_PORT: port,
  SANDBOX_ENTRA_TLS_PORT: port,
  SANDBOX_JIRA_PORT: port,
  SANDBOX_SECOND_JIRA_PORT: port,
  SANDBOX_FORGE_KEYS_PORT: port,
});
export type SandboxProcessConfig = z.infer<typeof sandboxProcess>;

/** Configuration of the sandbox process, which `npm start` starts. @throws Error for a variable that is missing or wrong. */
export const readSandboxProcessConfig = (source: Readonly<Record<string, string | undefined>> = process.env): SandboxProcessConfig => sandboxProcess.parse(source);
