import { z } from 'zod';
import { keyRing } from './key-ring.js';

/** Environment of `aiclearance db`, `site` and `secrets`: rights that no running process has. Empty strings count as unset. */
const postgresUrl = z.url({ protocol: /^postgres(ql)?$/, error: 'expected postgresql://role:password@host:port/database' });
const password = z.string().min(1);

const migrateSchema = z.object({
  /** The role that owns the tables, `aic_owner`; runs the migrations and adds sites. */
  OWNER_DATABASE_URL: postgresUrl,
  /** A role that may create roles and databases. Left out where a database administrator has made both. */
  ADMIN_DATABASE_URL: postgresUrl.optional(),
  DB_PASSWORD_API: password.optional(),
  DB_PASSWORD_GOVERNANCE: password.optional(),
  DB_PASSWORD_CORE: password.optional(),
  DB_PASSWORD_SEALER: password.optional(),
  DB_PASSWORD_KEEPER: password.optional(),
});
const siteSchema = z.object({
  OWNER_DATABASE_URL: postgresUrl,
  /** The ring of the API and the governance worker; its first key seals the token. */
  JIRA_SEALING_KEYS: keyRing,
  /** The site's Jira API token, unless it comes on standard input: an argument is visible to every process of the machine. */
  JIRA_TOKEN: z.string().optional(),
});
const rotateSchema = z.object({
  /** Role `aic_keeper`: sees and replaces sealed values and nothing else. */
  KEEPER_DATABASE_URL: postgresUrl,
  /** Private halves, the new key in front. */
  SEALING_PRIVATE_KEYS: z.string(),
  JIRA_SEALING_KEYS: keyRing,
});

export type MigrateConfig = z.infer<typeof migrateSchema>;
export type SiteConfig = z.infer<typeof siteSchema>;
export type RotateConfig = z.infer<typeof rotateSchema>;
export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment as it is; each command takes from it what is its own. */
export const readOperatorEnvironment = (): Environment => process.env;

/** A variable is missing or wrong; the message names it and never its value. */
export class ConfigurationProblem extends Error {
  override readonly name = 'ConfigurationProblem';
}

function read<T>(schema: z.ZodType<T>, command: string, source: Environment): T {
  const parsed = schema.safeParse(Object.fromEntries(Object.entries(source).filter(([, value]) => value !== '')));
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new ConfigurationProblem(`"${command}" can't run with this environment: ${wrong}`);
}

/** @throws ConfigurationProblem */
export const readMigrateConfig = (source: Environment): MigrateConfig => read(migrateSchema, 'db migrate', source);
/** @throws ConfigurationProblem */
export const readSiteConfig = (source: Environment): SiteConfig => read(siteSchema, 'site add', source);
/** @throws ConfigurationProblem */
export const readRotateConfig = (source: Environment): RotateConfig => read(rotateSchema, 'secrets rotate', source);
