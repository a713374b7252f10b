import { ApiHarness, codeOf, type Ask } from './testing/api-harness.js';
import { DatabaseUnavailable } from '../application/ports/unit-of-work.port.js';
import { EngineUnavailable } from '../application/ports/api-commands.port.js';
import { problem } from '../contracts/problem.contract.js';
import { fakeDependencies, FakeState } from './testing/fakes.js';

const REQUEST = { toolKey: 'chatgpt-enterprise', businessUse: 'Summaries of public filings', dataClasses: ['public'], durationDays: 30 };

describe('what bad input gets', () => {
  let api: ApiHarness;
  beforeAll(async () => {
    api = await ApiHarness.start();
  });
  afterAll(() => api.close());
  const submit = (ask: Ask) => api.ask('POST', '/api/v1/requests', { as: 'ada', ...ask });

  it.each<[string, Ask, number, string]>([
    ['no body', {}, 400, 'body.invalid'],
    ['text that is not JSON', { raw: '{"toolKey":' }, 400, 'body.malformed'],
    ['a key twice', { raw: '{"toolKey":"a","toolKey":"b"}' }, 400, 'body.duplicate_key'],
    ['__proto__', { raw: '{"__proto__":{"roles":["admin"]}}' }, 400, 'body.forbidden_key'],
    ['deep nesting', { raw: '['.repeat(40) + ']'.repeat(40) }, 400, 'body.too_deep'],
    ['deep nesting of a great many levels', { raw: '['.repeat(50_000) + ']'.repeat(50_000) }, 400, 'body.too_deep'],
    ['bytes that are not UTF-8', { raw: Buffer.from([0x7b, 0xff, 0x7d]) }, 400, 'body.malformed'],
    ['1 MB', { raw: JSON.stringify({ ...REQUEST, businessUse: 'x'.repeat(1_000_000) }) }, 413, 'body.too_large'],
    ['plain text', { raw: 'toolKey=a', headers: { 'content-type': 'text/plain' } }, 415, 'content_type.unsupported'],
    ['a form', { raw: 'toolKey=a', headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415, 'content_type.unsupported'],
    ['something that only begins like JSON', { raw: '{}', headers: { 'content-type': 'application/jsonx' } }, 415, 'content_type.unsupported'],
    ['JSON in another character set', { raw: '{}', headers: { 'content-type': 'application/json; charset=utf-16' } }, 415, 'content_type.unsupported'],
    ['CSV where JSON belongs', { raw: 'a,b', headers: { 'content-type': 'text/csv' } }, 415, 'content_type.unsupported'],
    ['an array', { body: [REQUEST] }, 400, 'body.invalid'],
    ['null', { raw: 'null' }, 400, 'body.invalid'],
    ['a bad idempotency key', { body: REQUEST, headers: { 'idempotency-key': 'a b' } }, 400, 'idempotency.key_invalid'],
  ])('%s', async (_what, ask, status, code) => {
    const answer = await submit(ask);
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status, code });
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(problem.safeParse(answer.json).success).toBe(true);
  });

  it.each<[string, Record<string, unknown>, { path: string; code: string }]>([
    ['an unknown field', { role: 'admin' }, { path: 'role', code: 'unknown_field' }],
    ['a missing field', { toolKey: undefined }, { path: 'toolKey', code: 'required' }],
    ['a wrong type', { durationDays: '30' }, { path: 'durationDays', code: 'wrong_type' }],
    ['half a day', { durationDays: 1.5 }, { path: 'durationDays', code: 'wrong_type' }],
    ['no time', { durationDays: 0 }, { path: 'durationDays', code: 'too_small' }],
    ['a hundred years', { durationDays: 36_500 }, { path: 'durationDays', code: 'too_big' }],
    ['a line break', { businessUse: 'one\r\ntwo' }, { path: 'businessUse', code: 'control_character' }],
    ['a text that reads otherwise than it is', { businessUse: 'abc\u202Edef' }, { path: 'businessUse', code: 'control_character' }],
    ['white space only', { businessUse: '   ' }, { path: 'businessUse', code: 'blank' }],
    ['a text that is too long', { businessUse: 'x'.repeat(2_001) }, { path: 'businessUse', code: 'too_big' }],
    ['a tool key that is none', { toolKey: '../admin' }, { path: 'toolKey', code: 'wrong_format' }],
    ['no data class', { dataClasses: [] }, { path: 'dataClasses', code: 'too_small' }],
    ['a data class twice', { dataClasses: ['public', 'public'] }, { path: 'dataClasses', code: 'repeated_item' }],
    ['a data class that is no text', { dataClasses: ['public', 7] }, { path: 'dataClasses.1', code: 'wrong_type' }],
  ])('names the field for %s', async (_what, change, error) => {
    const answer = await submit({ body: { ...REQUEST, ...change } });
    expect(answer).toMatchObject({ status: 400, json: { code: 'body.invalid', errors: [error] } });
  });

  it('says what would be accepted and never repeats what was sent', async () => {
    const secret = 'sk-live-0123456789';
    const answer = await submit({ body: { ...REQUEST, toolKey: secret.toUpperCase(), durationDays: secret, dataClasses: secret } });
    expect(answer).toMatchObject({ json: { errors: [{ accepted: 'lower-case letters, digits, dots and dashes, at most 64' }, { accepted: 'a value of type array' }, { accepted: 'a value of type number' }] } });
    expect(answer.text.toLowerCase()).not.toContain(secret);
  });

  it.each([
    ['an unknown parameter', '/api/v1/requests?limits=5', 'query.unknown'],
    ['an unknown parameter where none is taken', '/api/v1/me?x=1', 'query.unknown'],
    ['a parameter twice', '/api/v1/requests?limit=1&limit=2', 'query.invalid'],
    ['a limit above the most', '/api/v1/requests?limit=201', 'query.invalid'],
    ['a limit of zero', '/api/v1/requests?limit=0', 'query.invalid'],
    ['a limit in hexadecimal', '/api/v1/requests?limit=0x10', 'query.invalid'],
    ['a day that does not exist', '/api/v1/requests?from=2026-02-30', 'query.invalid'],
    ['a time without a zone', '/api/v1/requests?from=2026-02-03T00:00:00', 'query.invalid'],
    ['a word for a time', '/api/v1/requests?to=yesterday', 'query.invalid'],
    ['a status that is none', '/api/v1/requests?decision=maybe', 'query.invalid'],
    ['an empty value', '/api/v1/requests?toolKey=', 'query.invalid'],
    ['NUL', '/api/v1/requests?toolKey=%00', 'query.invalid'],
    ['a cursor that is none', '/api/v1/requests?cursor=abc', 'cursor.invalid'],
  ])('refuses %s in a query', async (_what, url, code) => {
    const answer = await api.get(url, 'ada');
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 400, code });
  });

  it.each([
    ['/api/v1/requests/nothing-here', 404, 'request.not_found'],
    ['/api/v1/requests/..%2Fadmin', 404, 'request.not_found'],
    ['/api/v1/requests/%00', 404, 'request.not_found'],
    [`/api/v1/requests/${'x'.repeat(90)}`, 404, 'request.not_found'],
    ['/api/v1/tools/UPPER', 404, 'tool.not_found'],
    ['/api/v1/nothing', 404, 'route.not_found'],
    ['/api/v2/requests', 404, 'route.not_found'],
    ['/api/v1/requests/%zz', 400, 'request_line.invalid'],
  ])('answers %s with %i', async (url, status, code) => {
    const answer = await api.get(url, 'ada');
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status, code });
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  });

  it('answers with the parameter\'s 404 before it looks at the body', async () => {
    expect(codeOf(await api.post('/api/v1/requests/a%20b/decisions', 'ada', { decision: 'perhaps' }))).toBe('request.not_found');
  });
});

describe('lists', () => {
  it('go on where the page before ended, with the same filters only', async () => {
    const api = await ApiHarness.start();
    for (let n = 0; n < 5; n += 1) await api.post('/api/v1/requests', 'ada', { ...REQUEST, toolKey: n < 4 ? 'tool-a' : 'tool-b' });
    const first = await api.get('/api/v1/requests?limit=2&toolKey=tool-a', 'ada');
    const { items, nextCursor } = listOf(first.json);
    expect(items.map(idOf)).toEqual(['r1', 'r2']);
    const second = listOf((await api.get(`/api/v1/requests?limit=50&toolKey=tool-a&cursor=${nextCursor ?? ''}`, 'ada')).json);
    expect({ ids: second.items.map(idOf), nextCursor: second.nextCursor }).toEqual({ ids: ['r3', 'r4'], nextCursor: null });
    expect(codeOf(await api.get(`/api/v1/requests?toolKey=tool-b&cursor=${nextCursor ?? ''}`, 'ada'))).toBe('cursor.invalid');
    expect(codeOf(await api.get(`/api/v1/grants?toolKey=tool-a&cursor=${nextCursor ?? ''}`, 'ada'))).toBe('cursor.invalid');
    await api.close();
  });
});
const listOf = (json: unknown): { items: unknown[]; nextCursor: string | null } => (typeof json === 'object' && json !== null && 'items' in json && Array.isArray(json.items) && 'nextCursor' in json && (typeof json.nextCursor === 'string' || json.nextCursor === null) ? { items: json.items, nextCursor: json.nextCursor } : { items: [], nextCursor: null });
const idOf = (item: unknown): unknown => (typeof item === 'object' && item !== null && 'id' in item ? item.id : undefined);

describe('commands', () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
    await api.post('/api/v1/requests', 'ada', REQUEST);
  });
  afterEach(() => api.close());

  it('carry who, what and the key that makes them repeatable', async () => {
    await api.post('/api/v1/requests/r1/decisions', 'bob', { decision: 'approve', comment: 'Fine' }, { 'idempotency-key': 'k-1' });
    const [command] = api.state.commands.slice(-1);
    expect(command).toMatchObject({ name: 'decide', input: { requestId: 'r1', decision: 'approve', comment: 'Fine' }, context: { idempotencyKey: 'k-1', methodAndPath: 'POST /api/v1/requests/r1/decisions', principal: { siteId: 'acme', accountId: 'bob', kind: 'person' } } });
    expect(command?.context.bodyHash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('have one hash for two spellings of one body and one path for two spellings of it', async () => {
    await api.ask('POST', '/api/v1/requests/r1/decisions', { as: 'bob', raw: '{"decision":"deny","comment":"No"}' });
    await api.ask('POST', '/api/v1/requests/%721/decisions', { as: 'bob', raw: ' { "comment" : "N\\u006f", "decision":"deny" } ' });
    const [first, second] = api.state.commands.slice(-2);
    expect(second?.context).toMatchObject({ bodyHash: first?.context.bodyHash, methodAndPath: first?.context.methodAndPath, idempotencyKey: null });
  });

  it('without fields take no body, an empty one and {}', async () => {
    for (const ask of [{}, { raw: '', headers: { 'content-type': 'application/json' } }, { body: {} }]) expect((await api.ask('POST', '/api/v1/requests/r1/withdraw', { as: 'ada', ...ask })).status).toBe(200);
    expect(new Set(api.state.commands.slice(-3).map((command) => command.context.bodyHash)).size).toBe(1);
  });

  it('answer with the status of their refusal', async () => {
    expect(await api.post('/api/v1/requests/r1/decisions', 'ada', { decision: 'approve' })).toMatchObject({ status: 403, json: { code: 'review.self_approval', title: 'Not allowed' } });
    expect((await api.post('/api/v1/requests/r1/decisions', 'bob', { decision: 'approve' })).status).toBe(200);
    expect(await api.post('/api/v1/requests/r1/decisions', 'root', { decision: 'deny' })).toMatchObject({ status: 409, json: { code: 'request.already_decided' } });
    expect(await api.post('/api/v1/manual-actions/m1/complete', 'bob', { outcome: 'fulfilled', note: 'Added by hand' })).toMatchObject({ status: 422, json: { code: 'mapping.missing' } });
    expect(await api.post('/api/v1/requests', 'ada', { ...REQUEST, accountId: 'bob' })).toMatchObject({ status: 403, json: { code: 'auth.forbidden' } });
  });

  it('answer 404 and never 403 for an object of another site', async () => {
    expect(await api.post('/api/v1/requests/r1/decisions', 'zoe', { decision: 'approve' })).toMatchObject({ status: 404, json: { code: 'request.not_found' } });
    expect((await api.get('/api/v1/requests/r1', 'zoe')).status).toBe(404);
    expect((await api.get('/api/v1/requests/r1', 'bob')).status).toBe(404);
  });

  it('refuse a denial with a duration', async () => {
    expect(await api.post('/api/v1/requests/r1/decisions', 'bob', { decision: 'deny', durationDays: 3 })).toMatchObject({ status: 400, json: { errors: [{ path: 'durationDays', code: 'not_with_denial' }] } });
  });

  it('in bulk take either keys or ids, at most fifty, each once', async () => {
    const bulk = (body: unknown) => api.post('/api/v1/requests/bulk-decisions', 'bob', body);
    expect(await bulk({ decision: 'deny' })).toMatchObject({ status: 400, json: { errors: [{ path: 'issueKeys', code: 'one_of' }] } });
    expect((await bulk({ decision: 'deny', issueKeys: ['AI-1'], requestIds: ['r1'] })).status).toBe(400);
    expect((await bulk({ decision: 'deny', requestIds: ['r1', 'r1'] })).status).toBe(400);
    expect((await bulk({ decision: 'deny', requestIds: Array.from({ length: 51 }, (_, n) => `r${n}`) })).status).toBe(400);
    expect(api.state.bulkOperations).toBe(0);
    expect(await bulk({ decision: 'deny', requestIds: ['r1', 'r9'] })).toMatchObject({ status: 200, json: { results: [{ requestId: 'r1', status: 200 }, { requestId: 'r9', code: 'request.not_found' }] } });
  });

  it('in bulk are taken five times a minute, the sixth is told when to come back', async () => {
    const bulk = () => api.post('/api/v1/requests/bulk-decisions', 'bob', { decision: 'deny', requestIds: ['r1'] });
    for (let n = 0; n < 5; n += 1) expect((await bulk()).status).toBe(200);
    const sixth = await bulk();
    expect(sixth).toMatchObject({ status: 429, json: { code: 'rate.limited' } });
    expect(sixth.headers['retry-after']).toBe('42');
  });
});

describe('objects with versions', () => {
  const tool = { key: 'chatgpt', name: 'ChatGPT', vendor: 'OpenAI', status: 'approved', risk: 'low', maxDurationDays: 90, provider: 'none', summary: 'Chat' };

  it('are changed and removed only by who has seen their newest version', async () => {
    const api = await ApiHarness.start();
    const created = await api.post('/api/v1/tools', 'root', tool);
    expect(created).toMatchObject({ status: 201, headers: { etag: '"1"' }, json: { key: 'chatgpt', requestable: true } });
    const patch = (ifMatch?: string) => api.ask('PATCH', '/api/v1/tools/chatgpt', { as: 'root', body: { status: 'blocked' }, headers: ifMatch === undefined ? {} : { 'if-match': ifMatch } });
    expect(codeOf(await patch())).toBe('if_match.required');
    expect((await patch()).status).toBe(428);
    expect((await patch('"2"')).status).toBe(412);
    expect((await patch('"other"')).status).toBe(412);
    expect((await patch('1')).status).toBe(400);
    expect(await patch('"1"')).toMatchObject({ status: 200, headers: { etag: '"2"' } });
    expect(await api.get('/api/v1/tools/chatgpt', 'ada')).toMatchObject({ status: 200, headers: { etag: '"2"' }, json: { status: 'blocked' } });
    const remove = (ifMatch: string) => api.ask('DELETE', '/api/v1/tools/chatgpt', { as: 'root', headers: { 'if-match': ifMatch } });
    expect((await remove('"1"')).status).toBe(412);
    expect(await remove('*')).toMatchObject({ status: 204, text: '' });
    expect((await remove('*')).status).toBe(404);
    await api.close();
  });
});

describe('when a part is away', () => {
  const broken = (error: unknown) => ApiHarness.start({ meQueries: { ...fakeDependencies(new FakeState()).meQueries, me: () => Promise.reject(error instanceof Error ? error : new Error('?')) } });

  it.each<[string, unknown, string]>([
    ['the use case says so', new DatabaseUnavailable('away'), 'database.unavailable'],
    ['the pool gives up', new Error('timeout exceeded when trying to connect'), 'database.unavailable'],
    ['Postgres shuts down', Object.assign(new Error('terminating connection'), { code: '57P01' }), 'database.unavailable'],
    ['a driver error is wrapped', Object.assign(new Error('connect ECONNREFUSED'), { driverError: { code: 'ECONNREFUSED' } }), 'database.unavailable'],
    ['the socket is refused', Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED', syscall: 'connect' }), 'database.unavailable'],
    ['a lock is not given', Object.assign(new Error('lock timeout'), { code: '55P03' }), 'database.unavailable'],
    ['the engine\'s use case says so', new EngineUnavailable('no answer'), 'engine.unavailable'],
    ['the engine\'s client says so', Object.assign(new Error('Failed to start'), { cause: Object.assign(new Error('14 UNAVAILABLE'), { code: 14, details: 'No connection established' }) }), 'engine.unavailable'],
  ])('answers 503 when %s', async (_what, error, code) => {
    const api = await broken(error);
    const answer = await api.get('/api/v1/me', 'ada');
    expect({ status: answer.status, code: codeOf(answer), retryAfter: answer.headers['retry-after'] }).toEqual({ status: 503, code, retryAfter: '2' });
    expect(api.state.faults).toHaveLength(0);
    await api.close();
  });

  it('answers an unexpected error without its text, and logs where it was without what it said', async () => {
    const api = await broken(Object.assign(new TypeError('could not read canary-5ecret of undefined'), { code: 'ERR_X' }));
    const answer = await api.get('/api/v1/me', 'ada');
    expect(answer).toMatchObject({ status: 500, json: { code: 'internal', title: 'Internal error' } });
    expect(answer.json).not.toHaveProperty('detail');
    expect(api.state.faults).toMatchObject([{ route: '/api/v1/me', errorName: 'TypeError', errorCode: 'ERR_X' }]);
    expect(api.state.faults[0]?.frames.length).toBeGreaterThan(0);
    expect(JSON.stringify([answer.text, api.state.faults, api.state.logged])).not.toContain('canary-5ecret');
    await api.close();
  });

  it('does not take another error for an absence', async () => {
    const api = await broken(Object.assign(new Error('duplicate key value'), { code: '23505', driverError: { code: '23505' } }));
    expect((await api.get('/api/v1/me', 'ada')).status).toBe(500);
    await api.close();
  });
});
