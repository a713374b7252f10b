import { readMigrateConfig, type MigrateConfig } from '../config/operator-env.js';
import { migrate, OWNER, prepareServer, type RolePasswords } from '../persistence/bootstrap.js';
import { OperatorProblem, type OperatorContext, type Outcome } from './operator-command.js';

/**
 * `db migrate`: makes roles and database where ADMIN_DATABASE_URL is given, then runs the migrations that are missing, as the owner. Safe to repeat;
 * with ADMIN_DATABASE_URL it also gives the roles the passwords of the environment, which is how they are changed.
 * @throws OperatorProblem when the server can't be reached or refuses; ConfigurationProblem for a variable
 */
export async function migrateDatabase({ environment }: OperatorContext): Promise<Outcome> {
  const config = readMigrateConfig(environment);
  const owner = new URL(config.OWNER_DATABASE_URL);
  const database = decodeURIComponent(owner.pathname.slice(1));
  if (database === '') throw new OperatorProblem('OWNER_DATABASE_URL names no database.', 'Write postgresql://aic_owner:…@host:port/aiclearance.');
  if (config.ADMIN_DATABASE_URL !== undefined) {
    const passwords = passwordsOf(config, owner);
    await attempt('ADMIN_DATABASE_URL', 'It must answer, and its role must be allowed to create roles and databases.', prepareServer({ superuserUrl: config.ADMIN_DATABASE_URL, database, passwords }));
  }
  await attempt('OWNER_DATABASE_URL', 'Give ADMIN_DATABASE_URL too, which makes roles and database; or have both made (docs/operations.md).', migrate(config.OWNER_DATABASE_URL));
  const prepared = config.ADMIN_DATABASE_URL !== undefined;
  return { answer: { database, host: owner.host, prepared, migrated: true }, lines: [`${prepared ? 'Roles, database and tables are' : 'The tables are'} up to date in ${owner.host}/${database}.`, 'Next: aiclearance site add --help'] };
}

function passwordsOf(config: MigrateConfig, owner: URL): RolePasswords {
  if (decodeURIComponent(owner.username) !== OWNER) throw new OperatorProblem(`OWNER_DATABASE_URL must name the role ${OWNER}, which ADMIN_DATABASE_URL is used to make.`);
  const needed = { api: config.DB_PASSWORD_API, governance: config.DB_PASSWORD_GOVERNANCE, core: config.DB_PASSWORD_CORE, sealer: config.DB_PASSWORD_SEALER, keeper: config.DB_PASSWORD_KEEPER };
  const missing = Object.entries(needed).filter(([, value]) => value === undefined).map(([name]) => `DB_PASSWORD_${name.toUpperCase()}`);
  if (owner.password === '') missing.unshift('the password in OWNER_DATABASE_URL');
  if (missing.length > 0) throw new OperatorProblem(`Roles can't be made without their passwords; missing: ${missing.join(', ')}.`, '"aiclearance secrets generate" writes them all.');
  const { api = '', governance = '', core = '', sealer = '', keeper = '' } = needed;
  return { owner: decodeURIComponent(owner.password), api, governance, core, sealer, keeper };
}

/** Postgres' and the socket's own words are passed on; neither carries a password. */
async function attempt(variable: string, toDo: string, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw new OperatorProblem(`The database of ${variable} can't be prepared: ${reasonOf(error)}.`, toDo, { cause: error });
  }
}

/** By shape: errors of Node's core may come from another realm than ours, where `instanceof` is false. An error of several addresses has no words but theirs. */
export function reasonOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  if ('message' in error && typeof error.message === 'string' && error.message !== '') return error.message;
  return 'errors' in error && Array.isArray(error.errors) ? reasonOf(error.errors[0]) : 'unknown';
}
