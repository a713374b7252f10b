import { connect } from 'node:net';
import { ApiHarness, codeOf, OPTIONS } from './testing/api-harness.js';

describe('health and metrics', () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
  });
  afterEach(() => api.close());

  it('say that the process lives, whatever else is away', async () => {
    api.state.databaseUp = false;
    expect(await api.get('/health/live')).toMatchObject({ status: 200, json: { status: 'live' } });
  });

  it('say which part is away', async () => {
    expect(await api.get('/health/ready')).toMatchObject({ status: 200, json: { status: 'ready', parts: { database: 'up', engine: 'up', governanceWorker: 'up', coreWorker: 'up' } } });
    api.state.engineUp = false;
    expect(await api.get('/health/ready')).toMatchObject({ status: 503, json: { status: 'notReady', parts: { database: 'up', engine: 'down' } } });
    api.state.databaseUp = false;
    expect(await api.get('/health/ready')).toMatchObject({ status: 503, json: { parts: { database: 'down', engine: 'down' } } });
  });

  it('say that no worker of a kind is there, and that the API serves all the same', async () => {
    api.state.workers.core = { alive: 0, polling: 0 };
    expect(await api.get('/health/ready')).toMatchObject({ status: 200, json: { status: 'degraded', parts: { governanceWorker: 'up', coreWorker: 'down' } } });
  });

  it('take a worker that lives and does not poll for away, unless it is the engine that is away', async () => {
    api.state.workers.governance = { alive: 1, polling: 0 };
    expect(await api.get('/health/ready')).toMatchObject({ status: 200, json: { status: 'degraded', parts: { engine: 'up', governanceWorker: 'down' } } });
    api.state.engineUp = false;
    expect(await api.get('/health/ready')).toMatchObject({ status: 503, json: { parts: { engine: 'down', governanceWorker: 'up' } } });
  });

  it('take a part that does not answer for away', async () => {
    const hanging = await ApiHarness.start({ health: { database: () => new Promise(() => undefined), engine: () => Promise.resolve(), workers: () => Promise.reject(new Error('away')) } });
    expect(await hanging.get('/health/ready')).toMatchObject({ status: 503, json: { parts: { database: 'down', engine: 'up', governanceWorker: 'down', coreWorker: 'down' } } });
    await hanging.close();
  });

  it('measure by route template and status, never by path', async () => {
    await api.get('/api/v1/requests/secret-id-1', 'ada');
    await api.get('/no/such/place-2');
    const { text, headers } = await api.get('/metrics');
    expect(headers['content-type']).toMatch(/^text\/plain/);
    expect(text).toContain('aiclearance_http_request_duration_seconds_count{method="GET",route="/api/v1/requests/:id",status="404"} 1');
    expect(text).toContain('route="unmatched",status="404"');
    expect(text).not.toMatch(/secret-id-1|place-2/);
  });
});

describe('the log', () => {
  it('has a line per request with listed fields only: no header, no body, no query, no path', async () => {
    const api = await ApiHarness.start();
    const token = await api.tokenOf('ada');
    await api.ask('POST', '/api/v1/requests?canary=canary-query', { as: 'ada', body: { businessUse: 'canary-body' }, headers: { 'idempotency-key': 'canary-key', 'user-agent': 'canary-agent' } });
    await api.get('/api/v1/requests/canary-path', 'ada');
    const answer = await api.get('/api/v1/me', 'ada');
    const last = api.state.logged.at(-1);
    expect({ ...last, ms: typeof last?.ms }).toEqual({ requestId: answer.headers['x-request-id'], method: 'GET', route: '/api/v1/me', status: 200, ms: 'number' });
    expect(JSON.stringify(api.state.logged)).not.toMatch(/canary/);
    expect(JSON.stringify(api.state.logged)).not.toContain(token);
    await api.close();
  });
});

describe('answers', () => {
  it('carry headers that keep browsers from running, framing, guessing or keeping them', async () => {
    const api = await ApiHarness.start();
    for (const url of ['/api/v1/me', '/api/v1/nothing', '/health/live']) {
      const { headers } = await api.get(url);
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store', 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer', 'content-security-policy': "default-src 'none'; frame-ancestors 'none'" });
      expect(headers).not.toHaveProperty('x-powered-by');
      expect(headers).not.toHaveProperty('server');
      expect(headers).not.toHaveProperty('access-control-allow-origin');
      expect(headers).not.toHaveProperty('strict-transport-security');
    }
    await api.close();
  });

  it('tell browsers to stay with https where users reach the API by it', async () => {
    const api = await ApiHarness.start({}, { publicUrl: 'https://clearance.example.com' });
    expect((await api.get('/health/live')).headers['strict-transport-security']).toBe('max-age=31536000');
    await api.close();
  });

  it('name the request in header and problem, and never take a name from outside', async () => {
    const api = await ApiHarness.start();
    const answer = await api.ask('GET', '/api/v1/me', { headers: { 'x-request-id': 'mine', 'request-id': 'mine' } });
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.json).toMatchObject({ requestId: answer.headers['x-request-id'] });
    await api.close();
  });
});

describe('what is not HTTP', () => {
  it.each(['GET / HTTP/9.9\r\n\r\n', 'hello\r\n\r\n', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`])('gets a problem and a closed connection: %.20j', async (text) => {
    const api = await ApiHarness.start();
    const answer = await new Promise<string>((resolve, reject) => {
      const chunks: Buffer[] = [];
      const socket = connect(api.port, '127.0.0.1', () => socket.write(text));
      socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => resolve(Buffer.concat(chunks).toString('utf8'))).on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/problem\+json/);
    expect(answer).toContain('"code":"request_line.invalid"');
    await api.close();
  });
});

describe('the payload codec', () => {
  const body = { payloads: [{ metadata: { encoding: 'YmluYXJ5' }, data: 'c2VhbGVk' }] };
  const UI = 'http://127.0.0.1:8233';

  it('decodes for operators with a token, and for nobody else', async () => {
    const jail = await ApiHarness.start({}, { sandbox: null });
    expect(await jail.ask('POST', '/codec/decode', { body })).toMatchObject({ status: 401 });
    await jail.close();
  });

  it('decodes without a token in the sandbox', async () => {
    const api = await ApiHarness.start();
    expect(await api.ask('POST', '/codec/decode', { body })).toMatchObject({ status: 200, json: { payloads: [{ data: 'decoded:c2VhbGVk' }] } });
    await api.close();
  });

  it('gives permission to the exact origin of the Web UI only, on refusals too', async () => {
    const api = await ApiHarness.start();
    const preflight = (origin: string) => api.ask('OPTIONS', '/codec/decode', { headers: { origin, 'access-control-request-method': 'POST' } });
    expect(await preflight(UI)).toMatchObject({ status: 204, headers: { 'access-control-allow-origin': UI, 'access-control-allow-methods': 'POST', vary: 'Origin' } });
    for (const origin of ['http://127.0.0.1:8234', 'http://evil.example.com', `${UI}.evil.example.com`, 'null']) {
      const { headers } = await preflight(origin);
      expect(headers).not.toHaveProperty('access-control-allow-origin');
      expect(headers).not.toHaveProperty('access-control-allow-methods');
    }
    expect(await api.ask('POST', '/codec/decode', { body: {}, headers: { origin: UI } })).toMatchObject({ status: 400, headers: { 'access-control-allow-origin': UI } });
    expect((await api.ask('GET', '/api/v1/me', { headers: { origin: UI } })).headers).not.toHaveProperty('access-control-allow-origin');
    await api.close();
  });

  it('takes payloads larger than other bodies, up to its own limit', async () => {
    const api = await ApiHarness.start();
    const sized = (chars: number) => api.ask('POST', '/codec/decode', { body: { payloads: [{ data: 'A'.repeat(chars) }] } });
    expect((await sized(1_000_000)).status).toBe(200);
    expect((await sized(9_000_000)).status).toBe(413);
    await api.close();
  });

  it('does not encode', async () => {
    const api = await ApiHarness.start();
    expect((await api.ask('POST', '/codec/encode', { body })).status).toBe(404);
    await api.close();
  });
});

describe('the sandbox', () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
  });
  afterEach(() => api.close());

  it('shows its addresses and people', async () => {
    expect(await api.get('/api/v1/sandbox')).toMatchObject({ status: 200, json: OPTIONS.sandbox?.info });
  });

  it('signs in its people, with the roles that a token carries', async () => {
    expect(await api.ask('POST', '/api/v1/sandbox/sign-in', { body: { accountId: 'bob' } })).toMatchObject({ status: 200, json: { accountId: 'bob', displayName: 'bob', roles: ['requester', 'approver'] } });
    expect(await api.get('/api/v1/me', 'bob')).toMatchObject({ json: { roles: ['requester'], siteId: 'acme', displayName: 'bob' } });
    expect(await api.get('/api/v1/me', 'zoe')).toMatchObject({ json: { siteId: 'globex' } });
  });

  it('does not know strangers', async () => {
    expect(await api.ask('POST', '/api/v1/sandbox/sign-in', { body: { accountId: 'mallory' } })).toMatchObject({ status: 404, json: { code: 'person.not_found' } });
    expect(await api.ask('POST', '/api/v1/sandbox/portal-requests', { body: { accountId: 'mallory', snapshot: {} } })).toMatchObject({ status: 404 });
  });

  it('plays the portal, also with a snapshot that is broken or missing', async () => {
    for (const snapshot of [{ toolKey: 'x' }, [1], 'text', null, undefined]) expect(await api.ask('POST', '/api/v1/sandbox/portal-requests', { body: { accountId: 'ada', snapshot } })).toMatchObject({ status: 201, json: { issueKey: 'AI-3' } });
  });

  it('moves the clock forward and never back', async () => {
    expect(await api.ask('POST', '/api/v1/sandbox/clock', { body: { advanceHours: 25.5 } })).toMatchObject({ status: 200, json: { now: '2026-03-02T10:30:00.000Z', woken: 1 } });
    const back = await api.ask('POST', '/api/v1/sandbox/clock', { body: { advanceHours: -1 } });
    expect({ status: back.status, code: codeOf(back) }).toEqual({ status: 400, code: 'body.invalid' });
  });
});
