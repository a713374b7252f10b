import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../../src/stack/embedded-postgres.js';
import type { EmbeddedPostgres } from '../../../src/stack/embedded-postgres.js';
import { freePort } from '../../../src/stack/ports.js';
import { findProcess } from '../../../src/stack/process-table.js';
import { queryOnce } from '../../support/postgres.js';
import { refusalOf } from '../../support/stack-error.js';
import { until } from '../../support/until.js';

describe('the embedded Postgres', () => {
  let folder: string;
  let dataDir: string;
  const started: EmbeddedPostgres[] = [];
  const start = async (): Promise<EmbeddedPostgres> => {
    const server = await startEmbeddedPostgres({ dataDir, durable: false });
    started.push(server);
    return server;
  };

  beforeAll(async () => {
    // Only its owner may enter: as root that shuts out the user that Postgres runs as.
    folder = await mkdtemp(join(tmpdir(), 'aiclearance-postgres-'));
    await chmod(folder, 0o700);
    dataDir = join(folder, 'data');
    const server = await start();
    await queryOnce(server.superuserUrl, 'CREATE TABLE kept (n int)');
    await server.stop();
  });
  afterEach(() => Promise.all(started.splice(0).map((server) => server.stop())));
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('listens on the loopback address only and asks for its password', async () => {
    const server = await start();
    const [row] = await queryOnce(server.superuserUrl, "SELECT current_setting('listen_addresses') AS listen, current_setting('unix_socket_directories') AS sockets, current_setting('server_version_num')::int / 10000 AS major");
    expect(row).toEqual({ listen: '127.0.0.1', sockets: '', major: 18 });
    const wrong = new URL(server.superuserUrl);
    wrong.password = 'guess';
    await expect(queryOnce(wrong.toString(), 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('is durable unless a test asks otherwise', async () => {
    const server = await startEmbeddedPostgres({ dataDir });
    started.push(server);
    expect(await queryOnce(server.superuserUrl, "SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit")).toEqual([{ fsync: 'on', commit: 'on' }]);
  });

  it('keeps what was committed when it is killed with -9', async () => {
    const first = await start();
    await queryOnce(first.superuserUrl, 'INSERT INTO kept VALUES (1)');
    process.kill(first.pid, 'SIGKILL');
    await first.ended;
    const second = await start();
    expect(await queryOnce(second.superuserUrl, 'SELECT count(*)::int AS n FROM kept WHERE n = 1')).toEqual([{ n: 1 }]);
  });

  it('ends a server that a killed run left working on the folder, and goes on with its data', async () => {
    const leftover = await start();
    await queryOnce(leftover.superuserUrl, 'INSERT INTO kept VALUES (2)');
    const second = await start();
    expect(findProcess(leftover.pid)).toBeNull();
    expect(await queryOnce(second.superuserUrl, 'SELECT count(*)::int AS n FROM kept WHERE n = 2')).toEqual([{ n: 1 }]);
  });

  it('does not take a stranger with the number of its killed server for that server', async () => {
    const note = join(dataDir, 'postgres', 'postmaster.pid');
    await writeFile(note, `${process.pid}\n/elsewhere\n1\n5432\n`);
    const server = await start();
    expect((await readFile(note, 'utf8')).split('\n')[0]).toBe(String(server.pid));
    expect(findProcess(process.pid)).not.toBeNull();
  });

  it('ends with the program that started it, also when that is killed with -9', async () => {
    const program = `import { startEmbeddedPostgres } from ${JSON.stringify(new URL('../../../dist/stack/embedded-postgres.js', import.meta.url).href)};
      const server = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, durable: false });
      process.stdout.write(String(server.pid) + '\\n');`;
    const starter = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = await new Promise<number>((resolve) => starter.stdout.once('data', (text: Buffer) => resolve(Number(text.toString()))));
    expect(findProcess(pid)?.command).toContain('postgres');
    starter.kill('SIGKILL');
    await until('the end of the orphaned server', () => findProcess(pid) === null);
  });

  it('says which port is taken', async () => {
    const port = await freePort();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    try {
      expect((await refusalOf(startEmbeddedPostgres({ dataDir, port }))).message).toBe(`Port ${port} (Postgres) is taken by another program.`);
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });

  it('refuses the data of another Postgres version and says what to do', async () => {
    const old = join(folder, 'old');
    await mkdir(join(old, 'postgres'), { recursive: true });
    await writeFile(join(old, 'postgres', 'PG_VERSION'), '16\n');
    const { message, whatToDo } = await refusalOf(startEmbeddedPostgres({ dataDir: old }));
    expect(message).toContain('made by Postgres 16');
    expect(whatToDo).toContain('pg_dump');
  });

  it('says so when the password in secrets.json is not that of the data', async () => {
    const mixed = join(folder, 'mixed');
    const first = await startEmbeddedPostgres({ dataDir: mixed, durable: false });
    await first.stop();
    await rm(join(mixed, 'secrets.json'));
    const { message, whatToDo } = await refusalOf(startEmbeddedPostgres({ dataDir: mixed, durable: false }));
    expect(message).toContain('does not know the password');
    expect(whatToDo).toContain('secrets.json');
  });
});
