import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { explainFileError, StackError, systemErrorCode } from './stack-error.js';

const secretsFile = z.record(z.string(), z.string().min(1));
const pending = new Map<string, Promise<unknown>>();

/**
 * The secrets of a data folder, each 32 random bytes in base64url (43 characters). Made at the first start, kept in
 * `<dataDir>/secrets.json` (mode 0600) and read from there later; names that are new are added, nothing is ever replaced.
 * @throws StackError when the file is damaged or can't be written.
 */
export async function loadSecrets<Name extends string>(dataDir: string, names: readonly Name[]): Promise<Record<Name, string>> {
  // Parts of the stack start side by side in one process; they take turns so that none overwrites what another added.
  const before = pending.get(dataDir) ?? Promise.resolve();
  const turn = before.then(() => loadOrAdd(dataDir, names));
  pending.set(dataDir, turn.catch(() => undefined));
  return turn;
}

/** Stores a secret that is made elsewhere (a key pair, a certificate) under `name` unless there is one; returns the kept one. */
export async function keepSecret(dataDir: string, name: string, make: () => Promise<string>): Promise<string> {
  const before = pending.get(dataDir) ?? Promise.resolve();
  const turn = before.then(async () => {
    const known = await readSecrets(dataDir);
    const kept = known[name];
    if (kept !== undefined) return kept;
    const made = await make();
    await writeSecrets(dataDir, { ...known, [name]: made });
    return made;
  });
  pending.set(dataDir, turn.catch(() => undefined));
  return turn;
}

async function loadOrAdd<Name extends string>(dataDir: string, names: readonly Name[]): Promise<Record<Name, string>> {
  const known = await readSecrets(dataDir);
  const missing = names.filter((name) => known[name] === undefined);
  for (const name of missing) known[name] = randomBytes(32).toString('base64url');
  if (missing.length > 0) await writeSecrets(dataDir, known);
  return pick(known, names);
}

function pick<Name extends string>(known: Readonly<Record<string, string>>, names: readonly Name[]): Record<Name, string> {
  const isComplete = (found: Readonly<Record<string, string>>): found is Record<Name, string> => names.every((name) => found[name] !== undefined);
  const picked = Object.fromEntries(names.map((name) => [name, known[name] ?? '']));
  if (!isComplete(picked)) throw new Error('a secret is missing although it was just made');
  return picked;
}

async function readSecrets(dataDir: string): Promise<Record<string, string>> {
  const path = join(dataDir, 'secrets.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return {};
    throw explainFileError(error, path);
  }
  const parsed = secretsFile.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new StackError(`The secrets of this data folder (${path}) are damaged.`, 'Restore that file from a backup, or start anew with another folder: --data DIR.');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Written beside and renamed: a crash or a full disk in between leaves the old file whole. */
async function writeSecrets(dataDir: string, secrets: Readonly<Record<string, string>>): Promise<void> {
  const path = join(dataDir, 'secrets.json');
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const file = await open(`${path}.new`, 'w', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(secrets, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await chmod(`${path}.new`, 0o600);
    await rename(`${path}.new`, path);
  } catch (error) {
    throw explainFileError(error, path);
  }
}
