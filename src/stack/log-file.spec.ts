import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogFile } from './log-file.js';

describe('a log file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aiclearance-log-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('starts anew at every start and keeps the one before', async () => {
    const path = join(folder, 'logs', 'api.log');
    for (const line of ['first', 'second', 'third']) {
      const log = new LogFile(path);
      log.write(line);
      log.close();
    }
    expect(await readFile(path, 'utf8')).toBe('third\n');
    expect(await readFile(`${path}.1`, 'utf8')).toBe('second\n');
  });

  it('does not grow without end', async () => {
    const path = join(folder, 'api.log');
    const log = new LogFile(path);
    const megabyte = 'x'.repeat(1024 * 1024);
    for (let i = 0; i < 21; i += 1) log.write(`${i} ${megabyte}`);
    log.close();
    expect((await readFile(path, 'utf8')).slice(0, 3)).toBe('20 ');
    expect((await readFile(`${path}.1`, 'utf8')).slice(0, 2)).toBe('0 ');
  });
});
