import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProcess } from '../../../src/stack/process-table.js';
import { until } from '../../support/until.js';

const parentModule = new URL('../../../dist/config/parent.js', import.meta.url).href;

describe('a process that was started by the supervisor', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aiclearance-parent-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Starts a parent that starts a child; gives the numbers of both. */
  const family = async (childSource: string): Promise<{ readonly parent: number; readonly child: number }> => {
    await writeFile(join(folder, 'child.mjs'), `import { exitWithParent, reportReady } from ${JSON.stringify(parentModule)};\n${childSource}\nsetInterval(() => {}, 1000);`);
    await writeFile(join(folder, 'parent.mjs'), `import { fork } from 'node:child_process';
      const child = fork(${JSON.stringify(join(folder, 'child.mjs'))}, { detached: true, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
      child.on('message', () => process.stdout.write(String(child.pid)));`);
    const parent = spawn(process.execPath, [join(folder, 'parent.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const child = await new Promise<number>((resolve) => parent.stdout.once('data', (text: Buffer) => resolve(Number(text.toString()))));
    return { parent: parent.pid ?? 0, child };
  };

  it('ends when its starter is killed with -9', async () => {
    const { parent, child } = await family('exitWithParent(); reportReady();');
    expect(findProcess(child)).not.toBeNull();
    process.kill(parent, 'SIGKILL');
    await until('the end of the orphan', () => findProcess(child) === null);
  });

  it('ends also when its own shutting down never ends', async () => {
    const { parent, child } = await family('exitWithParent(() => new Promise(() => {})); reportReady();');
    process.kill(parent, 'SIGKILL');
    await until('the end of the orphan', () => findProcess(child) === null, { timeoutMs: 10_000 });
  });
});
