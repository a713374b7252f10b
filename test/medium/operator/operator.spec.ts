import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jiraCredentialContext } from '../../../src/application/ports/sealing.port.js';
import { readApiConfig, readCoreConfig, readGovernanceConfig } from '../../../src/config/env.js';
import { createSymmetricSealing } from '../../../src/integrations/sealing/symmetric-sealing.js';
import { runOperator } from '../../../src/operator/program.js';
import { refusePowerfulRole } from '../../../src/persistence/bootstrap.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../../src/stack/embedded-postgres.js';
import { queryOnce } from '../../support/postgres.js';

type Variables = Readonly<Record<string, string>>;
const ADMIN = 'app_admin';

describe('setting up without npm start', () => {
  let folder: string;
  let server: EmbeddedPostgres;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aiclearance-operator-'));
    server = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), durable: false });
    await queryOnce(server.superuserUrl, `CREATE ROLE ${ADMIN} LOGIN CREATEROLE CREATEDB PASSWORD 'made-by-a-dba'`);
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const run = async (args: readonly string[], environment: Variables = {}, input = ''): Promise<{ code: number; out: string; err: string }> => {
    let [out, err] = ['', ''];
    const code = await runOperator(args, { environment, readInput: () => Promise.resolve(input), say: () => undefined }, { out: (text) => { out += text; }, err: (text) => { err += text; } });
    return { code, out, err };
  };
  const load = async (name: string): Promise<Variables> =>
    Object.fromEntries((await readFile(join(folder, 'ops', name), 'utf8')).trim().split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  const admin = (): Variables => ({ ADMIN_DATABASE_URL: server.superuserUrl.replace(/\/\/[^@]+@/, `//${ADMIN}:made-by-a-dba@`) });

  it('leads from an empty server to processes that start: secrets, roles, tables, a site', async () => {
    const generated = await run(['secrets', 'generate', '--directory', join(folder, 'ops'), '--database', `127.0.0.1:${server.port}/aiclearance`]);
    expect({ code: generated.code, err: generated.err }).toEqual({ code: 0, err: '' });
    for (const name of await readdir(join(folder, 'ops'))) expect((await stat(join(folder, 'ops', name))).mode & 0o777).toBe(0o600);
    const operator = await load('operator.env');
    expect(await run(['db', 'migrate'], { ...operator, ...admin() })).toMatchObject({ code: 0, err: '' });
    const site = await run(['site', 'add', '--key', 'acme', '--jira-url', 'https://acme.atlassian.net/', '--jira-email', 'bot@acme.example', '--property-key', 'app-uuid', '--time-zone', 'Europe/Berlin', '--token-stdin'], operator, 'canary-token\n');
    expect(site).toMatchObject({ code: 0, err: '' });
    expect(site.out).toContain('line break');
    expect(site.out).not.toContain('canary');

    const [api, governance, core] = [readApiConfig(await load('api.env')), readGovernanceConfig(await load('governance-worker.env')), readCoreConfig(await load('core-worker.env'))];
    for (const url of [api.DATABASE_URL, governance.DATABASE_URL, governance.SEALER_DATABASE_URL, core.DATABASE_URL]) {
      await refusePowerfulRole(async (sql) => (await queryOnce(url, sql)).map((row) => ({ powerful: row['powerful'] === true, role: String(row['role']) })));
    }
    const [row] = await queryOnce(server.superuserUrl.replace(/postgres$/, 'aiclearance'), 'SELECT id, time_zone, jira_base_url, jira_auth_sealed FROM site');
    expect(row).toMatchObject({ id: 'acme', time_zone: 'Europe/Berlin', jira_base_url: 'https://acme.atlassian.net' });
    const opened = await createSymmetricSealing(governance.JIRA_SEALING_KEYS).open(jiraCredentialContext('acme'), String(row?.['jira_auth_sealed']));
    expect(JSON.parse(opened)).toEqual({ kind: 'basic', email: 'bot@acme.example', token: 'canary-token' });
  });

  it('is safe to repeat, by a role that is no superuser, and changes a password that way', async () => {
    const operator = await load('operator.env');
    expect(await run(['db', 'migrate'], { ...operator, ...admin(), DB_PASSWORD_CORE: 'another' })).toMatchObject({ code: 0, err: '' });
    expect(await queryOnce(`postgresql://aic_core:another@127.0.0.1:${server.port}/aiclearance`, 'SELECT count(*)::int AS sites FROM site')).toEqual([{ sites: 1 }]);
    expect((await run(['db', 'migrate', '--json'], operator)).out).toContain('"prepared": false');
  });

  it('keeps cloud and installation id when a known site is given another token', async () => {
    const operator = await load('operator.env');
    const add = (...more: string[]) => run(['site', 'add', '--key', 'acme', '--jira-url', 'https://acme.atlassian.net', '--property-key', 'app-uuid', ...more], { ...operator, JIRA_TOKEN: 'next' });
    expect(await add('--cloud-id', 'cloud-1', '--installation-id', 'inst-1')).toMatchObject({ code: 0 });
    expect(await add('--name', 'Acme Corp')).toMatchObject({ code: 0 });
    expect(await queryOnce(server.superuserUrl.replace(/postgres$/, 'aiclearance'), 'SELECT name, cloud_id, installation_id FROM site')).toEqual([{ name: 'Acme Corp', cloud_id: 'cloud-1', installation_id: 'inst-1' }]);
  });

  it.each([
    ['no token', ['--jira-url', 'https://acme.atlassian.net'], {}, 1, 'No Jira token'],
    ['a token with a line break inside', ['--jira-url', 'https://acme.atlassian.net'], { JIRA_TOKEN: 'a\nb' }, 1, 'line breaks inside'],
    ['an address that must not be called', ['--jira-url', 'http://10.0.0.1'], { JIRA_TOKEN: 't' }, 1, '--jira-url must be an https URL'],
    ['an unknown zone', ['--jira-url', 'https://acme.atlassian.net', '--time-zone', 'Mars/One'], { JIRA_TOKEN: 't' }, 1, '--time-zone'],
    ['a missing option', [], { JIRA_TOKEN: 't' }, 2, '--jira-url'],
    ['a missing variable', ['--jira-url', 'https://acme.atlassian.net'], { JIRA_SEALING_KEYS: '' }, 2, 'JIRA_SEALING_KEYS'],
  ])('refuses a site with %s and writes nothing', async (_what, args, variables, code, message) => {
    const ended = await run(['site', 'add', '--key', 'new', '--property-key', 'app-uuid', ...args], { ...await load('operator.env'), ...variables });
    expect(ended).toMatchObject({ code, out: '' });
    expect(ended.err).toContain(message);
    expect(await queryOnce(server.superuserUrl.replace(/postgres$/, 'aiclearance'), "SELECT 1 FROM site WHERE id = 'new'")).toEqual([]);
  });

  it('replaces no secrets, and says which password is missing', async () => {
    expect((await run(['secrets', 'generate', '--directory', join(folder, 'ops')])).err).toContain('is there already');
    const incomplete = await run(['db', 'migrate'], { ...await load('operator.env'), ...admin(), DB_PASSWORD_API: '' });
    expect(incomplete.code).toBe(1);
    expect(incomplete.err).toContain('missing: DB_PASSWORD_API');
  });

  it('says in one sentence when the server does not answer or the role may not', async () => {
    const operator = await load('operator.env');
    const away = await run(['db', 'migrate'], { ...operator, ADMIN_DATABASE_URL: 'postgresql://a:secret@127.0.0.1:1/postgres' });
    expect(away.code).toBe(1);
    expect(away.err).toContain('ECONNREFUSED');
    expect(away.err).not.toContain('secret');
    await queryOnce(server.superuserUrl, "CREATE ROLE nobody_special LOGIN PASSWORD 'x'");
    const weak = await run(['db', 'migrate'], { ...operator, ADMIN_DATABASE_URL: server.superuserUrl.replace(/\/\/[^@]+@/, '//nobody_special:x@') });
    expect(weak.code).toBe(1);
    expect(weak.err).toContain('permission denied');
  });
});
