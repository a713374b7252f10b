import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { auditVerification } from '../../src/contracts/audit.contract.js';
import { mappingImportListItem, mappingImportView } from '../../src/contracts/identity-mapping.contract.js';
import { requestView } from '../../src/contracts/request.contract.js';
import { worldPeople } from '../../src/sandbox/world.js';
import { startStackProcess, type StackProcess } from '../support/stack-process.js';

const BIN = fileURLToPath(new URL('../../bin/aiclearance.mjs', import.meta.url));
const ADA = '712020:ada-requester';
const CARLA = '712020:carla-approver';
const ERIN = '712020:erin-admin';
const FARAH = '712020:farah-auditor';

interface CliRun { readonly exitCode: number; readonly out: string; readonly err: string }

/** The command line as a process, with nothing in its environment but what a test gives it. */
function aiclearance(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<CliRun> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [BIN, ...args], { env: { PATH: process.env['PATH'], ...environment } }, (_error, out, err) => resolve({ exitCode: child.exitCode ?? -1, out, err }));
  });
}

describe('the command line against a running stack', () => {
  let folder: string;
  let stack: StackProcess;
  let url: string;
  let database: string;
  const as = (accountId: string, ...args: readonly string[]): Promise<CliRun> => aiclearance([...args, '--json', '--as', accountId], { AICLEARANCE_URL: url });
  const addressOn = async (pattern: RegExp): Promise<string> => pattern.exec(await stack.line(pattern, 180_000))?.[1] ?? '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aiclearance-cli-'));
    stack = startStackProcess(['--data', join(folder, 'data'), '--port', '0']);
    url = await addressOn(/^ +API +(http:\S+)$/);
    database = await addressOn(/^ +Postgres +(\S+)$/);
    await stack.line(/^Serving until Ctrl-C/, 180_000);
  }, 240_000);
  afterAll(async () => {
    stack.child.kill('SIGTERM');
    await stack.exit;
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  it('asks, decides once and proves it', async () => {
    const asked = await as(ADA, 'request', '--tool', 'claude-team', '--use', 'Review my drafts', '--data-class', 'internal', '--days', '14');
    expect(asked).toMatchObject({ exitCode: 0, err: '' });
    const { id, decision } = requestView.parse(JSON.parse(asked.out));
    expect(decision).toBe('pending');

    const approved = await as(CARLA, 'approve', id, '--days', '7', '--comment', 'Fits');
    expect(approved).toMatchObject({ exitCode: 0, err: '' });
    expect(requestView.parse(JSON.parse(approved.out))).toMatchObject({ decision: 'approved', decisionSource: 'human', reviews: [{ accountId: CARLA, comment: 'Fits' }] });

    const again = await as(CARLA, 'deny', id);
    expect(again).toMatchObject({ exitCode: 1, out: '' });
    expect(JSON.parse(again.err)).toMatchObject({ status: 409, code: 'request.already_decided' });

    const verified = await as(FARAH, 'audit', 'verify');
    expect(verified.exitCode).toBe(0);
    const { ok, chainHead, firstBad } = auditVerification.parse(JSON.parse(verified.out));
    expect({ ok, firstBad }).toEqual({ ok: true, firstBad: null });
    expect(chainHead).toMatch(/^[0-9a-f]{64}$/);
  });

  it('refuses an approver\'s own request, alone and among others, with exit 1', async () => {
    const asked = await as(CARLA, 'request', '--tool', 'claude-team', '--use', 'My own', '--data-class', 'internal', '--days', '3');
    const { id } = requestView.parse(JSON.parse(asked.out));
    const approved = await as(CARLA, 'approve', id);
    expect(approved).toMatchObject({ exitCode: 1, out: '' });
    expect(JSON.parse(approved.err)).toMatchObject({ status: 403, code: 'review.self_approval' });

    const bulk = await as(CARLA, 'bulk-approve', id);
    expect(bulk.exitCode).toBe(1);
    expect(JSON.parse(bulk.out)).toMatchObject({ results: [{ requestId: id, status: 403, code: 'review.self_approval' }] });
    expect(requestView.parse(JSON.parse((await as(CARLA, 'show', id)).out)).decision).toBe('pending');
  });

  it('does a command once, however often it is repeated with its key', async () => {
    const ask = () => as(ADA, 'request', '--tool', 'cursor', '--use', 'Once', '--data-class', 'internal', '--days', '5', '--idempotency-key', 'once-1');
    const [first, second] = [await ask(), await ask()];
    const idOf = ({ out }: CliRun): string => z.looseObject({ id: z.string() }).parse(JSON.parse(out)).id;
    expect(idOf(second)).toBe(idOf(first));
  });

  it('finds a request by its issue key and lists it with the API\'s filters', async () => {
    const shown = await as(CARLA, 'show', 'aiacc-1');
    expect(requestView.parse(JSON.parse(shown.out)).issueKey).toBe('AIACC-1');
    const listed = await as(CARLA, 'requests', '--issue', 'AIACC-1', '--decision', 'approved', '--limit', '1');
    expect(z.looseObject({ items: z.array(requestView) }).parse(JSON.parse(listed.out)).items.map(({ issueKey }) => issueKey)).toEqual(['AIACC-1']);
  });

  it('tries a file of identity mappings out, imports it, and shows what was not taken', async () => {
    const login = worldPeople.find(({ accountId }) => accountId === ADA)?.oktaLogin ?? '';
    const file = join(folder, 'people.csv');
    await writeFile(file, `accountId,provider,externalLogin\n${ADA},okta,${login}\nada-again,okta,${login}\nx,ldap,y\n`);
    const [dry, real] = [await as(ERIN, 'mappings', 'import', file), await as(ERIN, 'mappings', 'import', file, '--yes')];
    for (const [run, dryRun] of [[dry, true], [real, false]] as const) {
      expect(run).toMatchObject({ exitCode: 1, err: '' });
      expect(mappingImportView.parse(JSON.parse(run.out))).toMatchObject({ dryRun, status: 'done', rows: 3, counts: { unchanged: 1, alias: 1, bad: 1 } });
    }
    const { id } = mappingImportView.parse(JSON.parse(real.out));
    expect((await as(ERIN, 'mappings', 'import-cancel', id)).err).toContain('mapping_import.already_ended');
    expect(z.looseObject({ items: z.array(mappingImportListItem) }).parse(JSON.parse((await as(ERIN, 'mappings', 'imports', '--limit', '1')).out)).items.map((item) => item.id)).toEqual([id]);
    const told = await aiclearance(['mappings', 'import-show', id, '--as', ERIN], { AICLEARANCE_URL: url });
    expect(told.out).toMatch(/3 +ada-again +okta +alias +mapping.alias/);
    expect(told.out).toMatch(/4 +- +- +bad +body.invalid/);
  });

  it('exits 4 for somebody without the role, for nobody and for a token that is none', async () => {
    expect((await as(ADA, 'audit', 'verify')).exitCode).toBe(4);
    expect((await aiclearance(['audit', 'verify'], { AICLEARANCE_URL: url })).exitCode).toBe(4);
    const wrong = await aiclearance(['whoami'], { AICLEARANCE_URL: url, AICLEARANCE_TOKEN: 'canary-token' });
    expect(wrong.exitCode).toBe(4);
    expect(wrong.err).not.toContain('canary-token');
  });

  it('the doctor finds nothing that fails, tests the connectors itself, and still answers when all is down', async () => {
    const well = await aiclearance(['doctor', '--test'], { AICLEARANCE_URL: url, DATABASE_URL: `postgresql://${database}` });
    expect(well).toMatchObject({ exitCode: 0, err: '' });
    expect(well.out).not.toMatch(/^fail/m);
    expect(well.out.match(/^ok +vendors +connector .* passed its test/gm)).toHaveLength(2);

    stack.child.kill('SIGTERM');
    expect(await stack.exit).toBe(0);
    const down = await aiclearance(['doctor'], { AICLEARANCE_URL: url, DATABASE_URL: `postgresql://${database}` });
    expect(down).toMatchObject({ exitCode: 1, err: '' });
    expect(down.out.match(/^fail +\w+/gm)?.map((line) => line.replace(/ +/, ' '))).toEqual(['fail api', 'fail database']);
    expect((await as(ADA, 'whoami')).exitCode).toBe(3);
  });
});
