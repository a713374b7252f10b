import { readFile } from 'node:fs/promises';
import { aRequest } from '../api/testing/builders.js';
import { createProgram } from './program.js';
import { closedPort, problemAnswer, startFakeApi, type FakeApi, type FakeAnswer } from './testing/fake-api.js';
import { runInTest } from './testing/run-in-test.js';

const TOKEN = 'canary-token-7f3a';

describe('exit codes', () => {
  let api: FakeApi | undefined;
  afterEach(async () => {
    await api?.close();
    api = undefined;
  });
  const approve = async (answer: FakeAnswer, ...more: readonly string[]) => {
    api = await startFakeApi({ 'POST /api/v1/requests/r1/decisions': answer });
    return runInTest(['approve', 'r1', ...more], { url: api.url, token: TOKEN });
  };

  it.each([
    [403, 'review.self_approval', 1],
    [403, 'review.not_approver', 1],
    [404, 'request.not_found', 1],
    [409, 'request.already_decided', 1],
    [422, 'mapping.missing', 1],
    [429, 'rate.limited', 1],
    [400, 'body.invalid', 2],
    [413, 'body.too_large', 2],
    [500, 'internal', 3],
    [503, 'engine.unavailable', 3],
    [503, 'auth.keys_unavailable', 3],
    [401, 'auth.invalid', 4],
    [403, 'auth.forbidden', 4],
  ])('a %s %s exits %s and says why on stderr only', async (status, code, exitCode) => {
    const run = await approve(problemAnswer(status, code, 'A reason'));
    expect(run).toMatchObject({ exitCode, out: '' });
    expect(run.err.split('\n')[0]).toBe(`A reason (${code})`);
  });

  it('passes the API\'s problem on as it is with --json', async () => {
    const answer = problemAnswer(403, 'review.self_approval', 'Nobody decides on their own request');
    expect(JSON.parse((await approve(answer, '--json')).err)).toEqual(answer.body);
  });

  it('names the fields that were refused, and what would be accepted', async () => {
    const { err } = await approve({ status: 400, body: { title: 'Bad request', status: 400, code: 'body.invalid', detail: 'The body is not accepted', errors: [{ path: 'durationDays', code: 'too_big', message: 'Too long', accepted: 'at most 180' }] } });
    expect(err).toBe('The body is not accepted (body.invalid)\n  durationDays: Too long (accepted: at most 180)\n');
  });

  it('says with which key a command of unknown outcome may be repeated, and sends the one that is given', async () => {
    const { err } = await approve(problemAnswer(503, 'engine.unavailable', 'The engine is away'), '--json');
    expect(JSON.parse(err)).toMatchObject({ code: 'engine.unavailable', idempotencyKey: 'key-1' });
    await api?.close();
    await approve({ body: aRequest() }, '--idempotency-key', 'mine-2');
    expect(api?.calls[0]?.idempotencyKey).toBe('mine-2');
  });

  it('exits 3 when nobody listens, saying where it looked', async () => {
    const url = `http://127.0.0.1:${await closedPort()}`;
    const run = await runInTest(['requests'], { url, token: TOKEN });
    expect(run).toMatchObject({ exitCode: 3, out: '' });
    expect(run.err).toContain(`The API at ${url} can't be reached: nobody listens there.`);
  });

  it.each<[string, FakeAnswer]>([
    ['a page of something else', { body: '<html>hello</html>' }],
    ['a refusal of something else', { status: 404, body: '<html>no</html>' }],
    ['JSON of another shape', { body: { hello: 'world' } }],
    ['a redirect', { status: 302, location: 'http://127.0.0.1:1/', body: '' }],
  ])('exits 3 for %s', async (_what, answer) => {
    expect(await approve(answer)).toMatchObject({ exitCode: 3, out: '' });
  });

  it('exits 4 without asking anything when nobody is signed in', async () => {
    api = await startFakeApi({});
    const run = await runInTest(['requests', '--json'], { url: api.url });
    expect(run.exitCode).toBe(4);
    expect(JSON.parse(run.err)).toMatchObject({ type: 'urn:aiclearance:problem:cli.not_signed_in', code: 'cli.not_signed_in', exitCode: 4 });
    expect(api.calls).toEqual([]);
  });

  it.each([
    ['route.not_found', '--as works only against a sandbox'],
    ['person.not_found', 'Nobody in the sandbox has the account ada.'],
  ])('exits 4 when the sign-in at the sandbox is refused with %s', async (code, sentence) => {
    api = await startFakeApi({ 'POST /api/v1/sandbox/sign-in': problemAnswer(404, code, 'No') });
    const run = await runInTest(['requests', '--as', 'ada'], { url: api.url, token: TOKEN });
    expect(run.exitCode).toBe(4);
    expect(run.err).toContain(sentence);
    expect(api.calls).toHaveLength(1);
  });

  it.each([
    'nonsense', 'request --tool x', 'requests --decision maybe', 'requests --limit 0', 'approve', 'approve r1 --days many', 'bulk-approve r1 AI-2', 'whoami --unknown', 'whoami --idempotency-key a\u00e9',
    'whoami --url ftp://x', 'whoami --url http://a:b@x', 'whoami --url nowhere', 'complete m1 --outcome broken --note x', '',
  ])('exits 2 for "%s", in words and as a problem', async (line) => {
    const args = line.split(' ').filter((part) => part !== '');
    const plain = await runInTest(args, { token: TOKEN });
    expect(plain).toMatchObject({ exitCode: 2, out: '' });
    expect(plain.err).not.toBe('');
    const json = await runInTest([...args, '--json'], { token: TOKEN });
    expect(json).toMatchObject({ exitCode: 2, out: '' });
    expect(JSON.parse(json.err)).toMatchObject({ code: 'cli.usage', exitCode: 2 });
  });

  it('exits 0 for help and version, which go to stdout', async () => {
    expect(await runInTest(['--version'])).toEqual({ exitCode: 0, out: '0.0.0-test\n', err: '' });
    const help = await runInTest(['approve', '--help']);
    expect(help).toMatchObject({ exitCode: 0, err: '' });
    expect(help.out).toContain('--comment <text>');
  });

  it('never prints the token, neither one that is refused nor one that is none', async () => {
    const refused = await approve(problemAnswer(401, 'auth.invalid', 'The token is not accepted'));
    const none = await runInTest(['requests'], { url: 'http://127.0.0.1:1', token: `${TOKEN}\nx-injected: 1` });
    expect(none.exitCode).toBe(4);
    expect(`${refused.out}${refused.err}${none.out}${none.err}`).not.toContain(TOKEN);
  });

  it('takes the API\'s address with or without its prefix and a slash', async () => {
    api = await startFakeApi({ 'GET /api/v1/requests': { body: { items: [], nextCursor: null } } });
    for (const url of [api.url, `${api.url}/`, `${api.url}/api/v1`, `${api.url}/api/v1/`]) {
      expect(await runInTest(['requests', '--url', url], { token: TOKEN })).toEqual({ exitCode: 0, out: 'Nothing to show.\n', err: '' });
    }
  });

  it('lets no text of others steer the terminal', async () => {
    api = await startFakeApi({ 'GET /api/v1/requests/r1': { body: aRequest({ businessUse: 'a\u001b[2Jb\u202ec' }) } });
    const { out } = await runInTest(['show', 'r1'], { url: api.url, token: TOKEN });
    expect(out).toContain('a [2Jb c');
  });
});

describe('docs/cli.md', () => {
  it('names every command and every option of the program', async () => {
    const page = await readFile(new URL('../../docs/cli.md', import.meta.url), 'utf8');
    const program = createProgram(() => Promise.resolve(), { out: () => undefined, err: () => undefined }, '0');
    const all = [program, ...program.commands.flatMap((command) => [command, ...command.commands])];
    const names = all.slice(1).filter(({ commands }) => commands.length === 0).map((command) => (command.parent === program ? command.name() : `${command.parent?.name() ?? ''} ${command.name()}`));
    const options = all.flatMap((command) => command.options.map(({ long }) => long ?? '')).filter((long) => long !== '--version');
    expect([...names.map((name) => `aiclearance ${name}`), ...options].filter((word) => !page.includes(word))).toEqual([]);
  });
});
