import pg from 'pg';
import { createDataSource } from './data-source.js';
import { ROLES } from './migrations/ddl/row-level-security.js';

export interface RolePasswords { readonly owner: string; readonly api: string; readonly governance: string; readonly core: string; readonly sealer: string; readonly keeper: string }
export interface DatabaseUrls { readonly migrationUrl: string; readonly apiUrl: string; readonly governanceUrl: string; readonly coreUrl: string; readonly sealerUrl: string; readonly keeperUrl: string }

/** Owns database and tables: runs migrations and adds sites, and no process connects as it. */
export const OWNER = 'aic_owner';

/**
 * Makes roles and database (idempotent), runs the migrations as the owner and returns the URL of each process. The URL that is passed in may create roles;
 * no process of the product ever connects with it or as owner (SPEC §13, DESIGN tenancy).
 */
export async function bootstrapDatabase(options: { readonly superuserUrl: string; readonly database?: string; readonly passwords: RolePasswords }): Promise<DatabaseUrls> {
  const database = options.database ?? 'aiclearance';
  await prepareServer({ ...options, database });
  const url = (role: string, password: string): string => withRole(options.superuserUrl, role, password, database);
  const migrationUrl = url(OWNER, options.passwords.owner);
  await migrate(migrationUrl);
  return {
    migrationUrl,
    apiUrl: url(ROLES.api, options.passwords.api),
    governanceUrl: url(ROLES.governance, options.passwords.governance),
    coreUrl: url(ROLES.core, options.passwords.core),
    sealerUrl: url(ROLES.sealer, options.passwords.sealer),
    keeperUrl: url(ROLES.keeper, options.passwords.keeper),
  };
}

/** Makes the roles, with these passwords, and the database; what is there stays. The URL's role may create both, and need not be a superuser. */
export async function prepareServer({ superuserUrl, database, passwords }: { readonly superuserUrl: string; readonly database: string; readonly passwords: RolePasswords }): Promise<void> {
  await withClient(superuserUrl, async (client) => {
    await client.query('SELECT pg_advisory_lock(4201)'); // two starts at once: roles are cluster-wide
    try {
      for (const [role, password] of roleList(passwords)) await ensureRole(client, role, password);
      const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
      if (found.rowCount === 0) {
        await client.query(`GRANT ${OWNER} TO CURRENT_USER`);
        await client.query(`CREATE DATABASE ${pg.escapeIdentifier(database)} OWNER ${OWNER}`);
      }
    } finally {
      await client.query('SELECT pg_advisory_unlock(4201)');
    }
  });
}

/** Runs what is missing of the migrations, one process at a time. */
export async function migrate(migrationUrl: string): Promise<void> {
  await withClient(migrationUrl, async (client) => {
    await client.query('SELECT pg_advisory_lock(4202)');
    const dataSource = await createDataSource({ url: migrationUrl, poolSize: 1, applicationName: 'aiclearance-migrate' }).initialize();
    try {
      await dataSource.runMigrations({ transaction: 'each' });
    } finally {
      await dataSource.destroy();
    }
  });
}

/** Lets the API move domain time: for sandboxes, where the stack does this, and nowhere else. Nothing in a deployment's set-up gives that right. */
export async function allowClockMoves(migrationUrl: string): Promise<void> {
  await withClient(migrationUrl, (client) => client.query(`GRANT UPDATE (offset_ms) ON clock_offset TO ${ROLES.api}`));
}

export interface SiteRegistration {
  readonly id: string; readonly name: string; readonly timeZone: string;
  readonly cloudId?: string; readonly installationId?: string; readonly jiraBaseUrl?: string; readonly jiraAuthSealed?: string; readonly jiraPropertyKey?: string;
}
/** Adds a site or brings its addresses up to date; only the owner may (a process can't give itself another tenant). */
export async function registerSite(migrationUrl: string, site: SiteRegistration): Promise<void> {
  await withClient(migrationUrl, (client) => client.query(
    `INSERT INTO site (id, name, time_zone, cloud_id, installation_id, jira_base_url, jira_auth_sealed, jira_property_key)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, jira_base_url = excluded.jira_base_url, jira_auth_sealed = excluded.jira_auth_sealed, jira_property_key = excluded.jira_property_key,
       time_zone = excluded.time_zone, cloud_id = COALESCE(excluded.cloud_id, site.cloud_id), installation_id = COALESCE(excluded.installation_id, site.installation_id)`,
    [site.id, site.name, site.timeZone, site.cloudId ?? null, site.installationId ?? null, site.jiraBaseUrl ?? null, site.jiraAuthSealed ?? null, site.jiraPropertyKey ?? null],
  ));
}

/** {@link refusePowerfulRole} for the sealer, which connects on its own. */
export const refusePowerfulSealer = (url: string): Promise<void> =>
  withClient(url, (client) => refusePowerfulRole(async (sql) => (await client.query<{ powerful: boolean; role: string }>(sql)).rows, 'SEALER_DATABASE_URL'));

/** @throws Error in one sentence when the role may do more than a process of this product should. */
export async function refusePowerfulRole(query: (sql: string) => Promise<readonly { readonly powerful: boolean; readonly role: string }[]>, variable = 'DATABASE_URL'): Promise<void> {
  const [row] = await query(
    `SELECT current_user AS role, (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user)
       OR EXISTS (SELECT 1 FROM pg_tables WHERE tablename = 'request' AND pg_has_role(current_user, tableowner, 'USAGE')) AS powerful`,
  );
  if (row?.powerful !== false) throw new Error(`${variable} connects as "${row?.role ?? '?'}", which owns the tables or is a superuser; give this process the role made for it (see docs/operations.md)`);
}

const roleList = (p: RolePasswords): readonly (readonly [string, string])[] => [[OWNER, p.owner], [ROLES.api, p.api], [ROLES.governance, p.governance], [ROLES.core, p.core], [ROLES.sealer, p.sealer], [ROLES.keeper, p.keeper]];

const HARMLESS = 'NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE';
/** Since Postgres 16 only a superuser may even say NOSUPERUSER of a role that exists; so it is said only where it would change something. */
async function ensureRole(client: pg.Client, role: string, password: string): Promise<void> {
  const { rows: [known] } = await client.query<{ powerful: boolean }>('SELECT rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole AS powerful FROM pg_roles WHERE rolname = $1', [role]);
  const verb = known === undefined ? 'CREATE' : 'ALTER';
  await client.query(`${verb} ROLE ${role} LOGIN ${known?.powerful === false ? '' : HARMLESS} PASSWORD ${pg.escapeLiteral(password)}`);
}
function withRole(base: string, role: string, password: string, database: string): string {
  const url = new URL(base);
  url.username = role;
  url.password = password;
  url.pathname = `/${database}`;
  return url.toString();
}
async function withClient<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
