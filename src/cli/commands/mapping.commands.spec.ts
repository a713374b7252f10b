import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ApiHarness } from '../../api/testing/api-harness.js';
import { anImport, anImportListItem } from '../../api/testing/builders.js';
import { importMappingsQuery, mappingImportListQuery, mappingImportRowQuery } from '../../contracts/identity-mapping.contract.js';
import { emptyBody } from '../../contracts/page.contract.js';
import { problemAnswer, startFakeApi, type FakeAnswer, type FakeApi, type FakeRoutes } from '../testing/fake-api.js';
import { runInTest, type TestRun } from '../testing/run-in-test.js';

const HEADER = 'accountId,provider,externalLogin\n';
const IMPORT = 'POST /api/v1/identity-mappings/import';
const SHOW = 'GET /api/v1/identity-mappings/imports/imp1';
const ROWS = `${SHOW}/rows`;
const counts = { add: 1, change: 0, unchanged: 0, duplicate: 0, alias: 1, unresolved: 0, bad: 0 };
const refusedOne = { rows: 2, checked: 2, refused: 1, counts };
const alias = { line: 3, accountId: 'bob', provider: 'okta', fate: 'alias', outcome: 'refused', code: 'mapping.alias', detail: 'Another account is mapped to this identity' };
const running = (checked: number) => anImport({ status: 'running', rows: 5_000, checked, results: [], endedAt: null });
const page = (items: readonly unknown[], nextCursor: string | null = null): FakeAnswer => ({ body: { items, nextCursor } });

describe('mappings by file', () => {
  let api: FakeApi;
  let folder: string;
  let file: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aiclearance-mappings-'));
    file = join(folder, 'people.csv');
    await writeFile(file, `${HEADER}ada,okta,ada@acme.example\nbob,okta,ada@acme.example\n`);
  });
  afterAll(() => rm(folder, { recursive: true }));
  const run = async (args: readonly string[], routes: FakeRoutes): Promise<TestRun> => {
    api = await startFakeApi(routes);
    try {
      return await runInTest(['mappings', ...args], { url: api.url, token: 'secret-token' });
    } finally {
      await api.close();
    }
  };
  const calls = () => api.calls.map(({ call }) => call);

  it('are tried out with a dry run unless it is confirmed, and what was not taken is shown', async () => {
    const routes: FakeRoutes = { [IMPORT]: ({ query }) => ({ body: anImport({ ...refusedOne, dryRun: query['dryRun'] === 'true' }) }), [ROWS]: page([alias], 'c2') };
    const dry = await run(['import', file], routes);
    expect(api.calls[0]).toMatchObject({ call: IMPORT, query: { dryRun: 'true' }, body: `${HEADER}ada,okta,ada@acme.example\nbob,okta,ada@acme.example\n`, idempotencyKey: 'key-1', token: 'secret-token' });
    expect(api.calls[1]).toMatchObject({ call: ROWS, query: { outcome: 'refused', limit: '20' } });
    expect(mappingImportRowQuery.safeParse(api.calls[1]?.query).error).toBeUndefined();
    expect(dry).toMatchObject({ exitCode: 1, err: '' });
    for (const said of ['dry run: nothing was changed', '2, of which 2 looked at', 'alias', 'mapping.alias: Another account', 'mappings import-rows imp1 --outcome refused --all', 'To do it: the same with --yes.']) expect(dry.out).toContain(said);

    const real = await run(['import', file, '--aliases', 'accept', '--yes'], { ...routes, [IMPORT]: ({ query }) => ({ body: anImport({ dryRun: query['dryRun'] === 'true' }) }) });
    expect(api.calls).toMatchObject([{ call: IMPORT, query: { dryRun: 'false', aliases: 'accept' } }]);
    expect(importMappingsQuery.safeParse(api.calls[0]?.query).error).toBeUndefined();
    expect(real).toMatchObject({ exitCode: 0, err: '' });
    for (const said of ['dry run', '--yes', 'Not taken']) expect(real.out).not.toContain(said);
  });

  it('are followed until the last row was looked at, through an API that is away for a while', async () => {
    let looks = 0;
    const routes: FakeRoutes = {
      [IMPORT]: { status: 202, body: running(0) },
      [SHOW]: () => { looks += 1; return looks < 30 ? { body: running(looks * 100) } : looks < 35 ? problemAnswer(503, 'database.unavailable', 'The database is away') : { body: anImport({ rows: 5_000, checked: 5_000 }) }; },
    };
    const { exitCode, out, err } = await run(['import', file, '--yes'], routes);
    expect([exitCode, looks]).toEqual([0, 35]);
    expect(out).toContain('5000, of which 5000 looked at');
    expect(err.trimEnd().split('\n')).toEqual(['Import imp1: 5000 rows. It goes on if you leave: aiclearance mappings import-show imp1', '1000 of 5000 rows looked at', '2000 of 5000 rows looked at', '2900 of 5000 rows looked at']);
    looks = 0;
    const json = await run(['import', file, '--yes', '--json'], routes);
    expect([json.exitCode, json.err, JSON.parse(json.out)]).toEqual([0, '', anImport({ rows: 5_000, checked: 5_000 })]);
  });

  it.each([[503, 'database.unavailable', 3, 60], [401, 'auth.invalid', 4, 1]])('say where to look when the API answers %s %s for long', async (status, code, exitCode, looks) => {
    const lost = await run(['import', file, '--yes'], { [IMPORT]: { status: 202, body: running(0) }, [SHOW]: problemAnswer(status, code, 'No') });
    expect(lost).toMatchObject({ exitCode, out: '' });
    expect(lost.err.trimEnd().split('\n').at(-1)).toBe('The import goes on without you: aiclearance mappings import-show imp1');
    expect(calls().filter((call) => call === SHOW)).toHaveLength(looks);
  });

  it('exit 1 for an import that failed, was cancelled or did not take a row, and 0 while one goes on', async () => {
    const cases = [[anImport({ status: 'failed', failure: 'the token is not valid' }), 1], [anImport({ status: 'cancelled' }), 1], [anImport(refusedOne), 1], [running(7), 0], [anImport(), 0]] as const;
    for (const [view, exitCode] of cases) {
      expect(await run(['import-show', 'imp1'], { [SHOW]: { body: view }, [ROWS]: page([alias]) })).toMatchObject({ exitCode, err: '' });
    }
    expect((await run(['import-show', 'imp1'], { [SHOW]: { body: cases[0][0] } })).out).toContain('the token is not valid');
  });

  it('are listed, read by the row and cancelled', async () => {
    const listed = await run(['imports', '--status', 'cancelled', '--dry-run', 'false', '--limit', '5'], { 'GET /api/v1/identity-mappings/imports': page([anImportListItem({ status: 'cancelled' })]) });
    expect(api.calls[0]?.query).toEqual({ status: 'cancelled', dryRun: 'false', limit: '5' });
    expect(mappingImportListQuery.safeParse(api.calls[0]?.query).error).toBeUndefined();
    expect(listed.out).toMatch(/imp1 +no +cancelled/);

    expect((await run(['import-rows', 'imp1', '--fate', 'alias', '--outcome', 'refused'], { [ROWS]: page([alias]) })).out).toMatch(/3 +bob +okta +alias +mapping.alias/);
    expect(api.calls[0]?.query).toEqual({ fate: 'alias', outcome: 'refused' });

    const cancelled = await run(['import-cancel', 'imp1'], { [`${SHOW.replace('GET', 'POST')}/cancel`]: { body: anImport({ status: 'cancelled' }) } });
    expect(api.calls[0]).toMatchObject({ call: 'POST /api/v1/identity-mappings/imports/imp1/cancel', idempotencyKey: 'key-1' });
    expect(emptyBody.safeParse(api.calls[0]?.body).error).toBeUndefined();
    expect(cancelled.exitCode).toBe(0);
    expect(cancelled.out).toContain('imp1, cancelled');
  });

  it('exit 2 for a file that can\'t be read, before anybody is asked', async () => {
    for (const [path, why] of [[join(folder, 'none.csv'), 'there is no such file'], [folder, 'it is a folder']] as const) {
      const refused = await run(['import', path, '--yes'], {});
      expect(refused).toMatchObject({ exitCode: 2, out: '' });
      expect(refused.err).toContain(`${path} can't be read: ${why}.`);
      expect(api.calls).toEqual([]);
    }
  });

  it('are sent while they are read, and one that is too large is refused in the API\'s words', async () => {
    const harness = await ApiHarness.start();
    try {
      const sent = async (name: string, text: string): Promise<TestRun> => {
        await writeFile(join(folder, name), text);
        return runInTest(['mappings', 'import', join(folder, name), '--as', 'root', '--json'], { url: `http://127.0.0.1:${harness.port}` });
      };
      const large = await sent('large.csv', HEADER + Array.from({ length: 50_000 }, (_none, n) => `person-${n},okta,person-${n}@acme.example\n`).join(''));
      expect(z.looseObject({ rows: z.number() }).parse(JSON.parse(large.out)).rows).toBe(50_000);
      // Most of both is still to be sent when the API has seen enough: its answer must not be lost with the connection.
      const rows = `ada,okta,${'x'.repeat(1_000)}\n`.repeat(30_000);
      for (const [text, status, code] of [[HEADER + rows, 413, 'body.too_large'], [rows, 400, 'body.invalid']] as const) {
        const refused = await sent('refused.csv', text);
        expect([refused.exitCode, JSON.parse(refused.err)]).toMatchObject([2, { status, code }]);
      }
    } finally {
      await harness.close();
    }
  });
});
