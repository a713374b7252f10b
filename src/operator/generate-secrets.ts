import { randomBytes } from 'node:crypto';
import { mkdir, open, access } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { generateSealingKeys } from '../integrations/sealing/asymmetric-sealing.js';
import { OWNER } from '../persistence/bootstrap.js';
import { ROLES } from '../persistence/migrations/ddl/row-level-security.js';
import { OperatorProblem, type Outcome } from './operator-command.js';

const generateOptions = z.strictObject({
  directory: z.string().min(1).default('.'),
  database: z.string().regex(/^[^\s/@]+(:\d+)?\/[A-Za-z0-9_-]+$/, 'expected host:port/name').default('127.0.0.1:5432/aiclearance'),
});
type EnvFile = Readonly<Record<string, string>>;
const random = (): string => randomBytes(32).toString('base64url');

/**
 * `secrets generate`: draws every secret and writes one environment file for each process (mode 0600), so that each gets its own and nobody else's.
 * Replaces nothing: a sealed value whose key is gone can't be opened again.
 * @throws OperatorProblem when a file is there already
 */
export async function generateSecrets(given: unknown): Promise<Outcome> {
  const parsed = generateOptions.safeParse(given);
  if (!parsed.success) throw new OperatorProblem(parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('; '));
  const { directory, database } = parsed.data;
  const files = Object.entries(await environmentFiles(database)).map(([name, variables]) => ({ path: join(directory, name), variables }));
  await mkdir(directory, { recursive: true });
  for (const { path } of files) if (await exists(path)) throw new OperatorProblem(`${path} is there already, and nothing is replaced.`, 'Name another --directory, or keep what you have.');
  for (const { path, variables } of files) await writeSecret(path, Object.entries(variables).map(([key, value]) => `${key}=${value}\n`).join(''));
  return {
    answer: { files: files.map(({ path }) => path) },
    lines: [...files.map(({ path }) => `wrote ${path}`), 'Keep copies: without these keys nothing that was sealed opens again.', 'Next: ADMIN_DATABASE_URL=… in the environment, operator.env loaded, then aiclearance db migrate'],
  };
}

async function environmentFiles(database: string): Promise<Readonly<Record<string, EnvFile>>> {
  const sealing = await generateSealingKeys();
  const passwords = { owner: random(), api: random(), governance: random(), core: random(), sealer: random(), keeper: random() };
  const url = (role: string, password: string): string => `postgresql://${role}:${password}@${database}`;
  const PAYLOAD_KEYS = `payload-1:${random()}`;
  const AUDIT_MAC_KEYS = `audit-1:${random()}`;
  const JIRA_SEALING_KEYS = `jira-1:${random()}`;
  return {
    'operator.env': {
      OWNER_DATABASE_URL: url(OWNER, passwords.owner), DB_PASSWORD_API: passwords.api, DB_PASSWORD_GOVERNANCE: passwords.governance, DB_PASSWORD_CORE: passwords.core,
      DB_PASSWORD_SEALER: passwords.sealer, DB_PASSWORD_KEEPER: passwords.keeper, JIRA_SEALING_KEYS,
    },
    'api.env': { DATABASE_URL: url(ROLES.api, passwords.api), PAYLOAD_KEYS, AUDIT_MAC_KEYS, JIRA_SEALING_KEYS, SEALING_PUBLIC_KEYS: sealing.publicJwks },
    'governance-worker.env': { DATABASE_URL: url(ROLES.governance, passwords.governance), SEALER_DATABASE_URL: url(ROLES.sealer, passwords.sealer), PAYLOAD_KEYS, AUDIT_MAC_KEYS, JIRA_SEALING_KEYS },
    'core-worker.env': { DATABASE_URL: url(ROLES.core, passwords.core), PAYLOAD_KEYS, IDENTITY_HASH_KEY: random(), SEALING_PRIVATE_KEYS: sealing.privateJwks },
    'keeper.env': { KEEPER_DATABASE_URL: url(ROLES.keeper, passwords.keeper), SEALING_PRIVATE_KEYS: sealing.privateJwks, JIRA_SEALING_KEYS },
  };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}

/** Made exclusively: two runs at once can't mix their keys. */
async function writeSecret(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
