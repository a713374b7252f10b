import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refusalOf } from '../../test/support/stack-error.js';
import { startNodeProcess } from './node-process.js';
import { findProcess } from './process-table.js';

describe('starting one of our own programs', () => {
  let folder: string;
  let lines: string[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aiclearance-node-'));
    lines = [];
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const program = async (source: string): Promise<{ name: string; module: string; env: Record<string, string>; onLog: (line: string) => void }> => {
    const module = join(folder, 'main.mjs');
    await writeFile(module, source);
    return { name: 'sample', module, env: { ONLY: 'this' }, onLog: (line) => lines.push(line) };
  };
  const serve = 'setInterval(() => {}, 1000);';

  it('waits for its ready message and hands over what it says', async () => {
    const spec = await program(`console.log('hello'); process.send({ other: 1 }); process.send({ ready: true, url: process.env.ONLY, names: Object.keys(process.env).length }); ${serve}`);
    const child = await startNodeProcess(spec);
    expect(child.info).toMatchObject({ ready: true, url: 'this' });
    await child.stop();
    expect(lines).toEqual(['hello']);
    expect(findProcess(child.pid)).toBeNull();
  });

  it('gives it its own environment and nothing of ours', async () => {
    const spec = await program(`process.send({ ready: true, path: String(process.env.PATH) }); ${serve}`);
    const child = await startNodeProcess(spec);
    expect(child.info['path']).toBe('undefined');
    await child.stop();
  });

  it('repeats its last words when it ends before it is ready', async () => {
    const spec = await program("console.error(\"The API can't start with this configuration: DATABASE_URL: missing\"); process.exit(1);");
    expect((await refusalOf(startNodeProcess(spec))).message).toContain('DATABASE_URL: missing');
  });

  it('kills it when it does not become ready in time', async () => {
    const spec = await program(`console.log(process.pid); ${serve}`);
    await expect(startNodeProcess({ ...spec, readyWithinMs: 400 })).rejects.toMatchObject({ message: 'The sample did not become ready within 0.4 s.' });
    expect(findProcess(Number(lines[0]))).toBeNull();
  });

  it('kills it when it ignores SIGTERM for longer than its grace', async () => {
    const spec = await program(`process.on('SIGTERM', () => {}); process.send({ ready: true }); ${serve}`);
    const child = await startNodeProcess({ ...spec, graceMs: 50 });
    await child.stop();
    expect(findProcess(child.pid)).toBeNull();
  });
});
