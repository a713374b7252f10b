import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import { FakeFence } from '../../test/decisions/fake-fence.js';
import { FakeProvider } from '../../test/decisions/fake-provider.js';
import { VirtualClock } from '../../test/decisions/virtual-clock.js';
import type { CoreAnswers } from '../application/ports/core-answers.port.js';
import type { CoreWork } from '../application/ports/core-work.port.js';
import { DatabaseUnavailable } from '../application/ports/unit-of-work.port.js';
import { convergeMembership, readMembershipOnce, type ConvergeDeps } from '../application/core/converge.js';
import type { ConvergeOrder } from '../domain/plan/plan.js';
import { ClientKeys } from '../http-signature/client-keys.js';
import { signRequest } from '../http-signature/sign-request.js';
import { RemoteCore } from '../integrations/core/remote-core.js';
import { createCoreService } from './core.controller.js';
import { createCoreApi } from './core.module.js';

const START = Date.parse('2026-03-10T12:00:00.000Z');
const SECRET = 'secret-of-the-governance-worker-0001';
const never = new AbortController().signal;
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Keeps answers as Core's table does. */
class KeptAnswers implements CoreAnswers {
  readonly rows = new Map<string, { readonly hash: string; answer: string | null; lost: boolean }>();
  away = false;
  claim: CoreAnswers['claim'] = (siteId, key, hash) => {
    if (this.away) return Promise.reject(new DatabaseUnavailable('away'));
    if (siteId !== 'acme') return Promise.resolve({ kind: 'unknownSite' });
    const row = this.rows.get(key);
    if (row === undefined) {
      this.rows.set(key, { hash, answer: null, lost: false });
      return Promise.resolve({ kind: 'claimed' });
    }
    if (row.hash !== hash) return Promise.resolve({ kind: 'otherOrder' });
    return Promise.resolve(row.answer === null ? { kind: row.lost ? 'lost' : 'underWay' } : { kind: 'answered', answer: row.answer });
  };
  keep: CoreAnswers['keep'] = (_siteId, key, answer) => {
    const row = this.rows.get(key);
    if (row !== undefined) row.answer = answer;
    return Promise.resolve();
  };
}

/** One provider behind a Core in this process and behind the same Core over HTTP. */
class World {
  readonly clock = new VirtualClock(START);
  readonly fence = new FakeFence(this.clock);
  readonly provider = new FakeProvider(this.clock, false);
  readonly answers = new KeptAnswers();
  readonly nonces = new Set<string>();
  /** What Core's clock reads besides the real one, in milliseconds. */
  skewMs = 0;
  url = '';
  private close: () => Promise<void> = () => Promise.resolve();
  readonly converge: ConvergeDeps = {
    fence: this.fence, now: () => this.clock.now(), connect: () => Promise.resolve({ provider: this.provider, userId: 'user-1' }),
    pause: (ms) => { this.clock.advance(ms); return Promise.resolve(); },
  };
  readonly local: CoreWork = {
    convergeMembership: (order, signal) => convergeMembership(this.converge, order, signal), readMembership: (order, signal) => readMembershipOnce(this.converge, order, signal),
    performCoreCall: (order) => Promise.resolve(order.kind === 'createGroup' ? { kind: 'group', externalGroupId: `group-${++this.groups}`, name: order.name, unmanageable: null } : { kind: 'tested', abilities: [{ ability: 'readUsers', ok: true }] }),
  };
  groups = 0;

  async serve(): Promise<void> {
    const app = await createCoreApi({
      service: createCoreService({ work: this.local, answers: this.answers }), clients: new ClientKeys([{ id: 'gov', siteId: null, secret: SECRET }, { id: 'globex', siteId: 'globex', secret: SECRET }]),
      nonces: { use: (id, nonce) => Promise.resolve(!this.nonces.has(`${id} ${nonce}`) && this.nonces.add(`${id} ${nonce}`).size > 0) },
      publicUrl: null, now: () => new Date(Date.now() + this.skewMs), probe: () => Promise.resolve(), log: quiet, registry: new Registry(),
    });
    await app.listen(0, '127.0.0.1');
    this.url = await app.getUrl();
    this.close = () => app.close();
  }
  stop(): Promise<void> { return this.close(); }

  remote(over: { readonly url?: string; readonly secret?: string } = {}): RemoteCore {
    return new RemoteCore({ url: over.url ?? this.url, appId: 'gov', secret: over.secret ?? SECRET, now: () => new Date(), pause: () => Promise.resolve() });
  }
  /** A signed request as any client would make it. */
  async post(path: string, body: unknown, { id = 'gov', nonce }: { readonly id?: string; readonly nonce?: string } = {}): Promise<{ readonly status: number; readonly json: unknown }> {
    const text = JSON.stringify(body);
    const headers = signRequest({ method: 'POST', targetUri: `${this.url}${path}`, body: Buffer.from(text) }, { keyId: id, key: Buffer.from(SECRET) }, new Date(), nonce);
    const answer = await fetch(`${this.url}${path}`, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: text });
    return { status: answer.status, json: await answer.json() };
  }
}

let sequence = 0;
const order = (over: Partial<ConvergeOrder> = {}): ConvergeOrder => ({
  siteId: 'acme', membershipId: 'mem-1', requestId: 'req-1', jobId: 'job-1', intentId: `int-${++sequence}`, mode: 'converge', desired: 'present', generation: 1, mayAdd: true, deadlineAt: new Date(START + 30_000).toISOString(),
  provider: 'okta', connectorId: 'con-1', sealedConfig: 'sealed', externalGroupId: 'group-1', sealedIdentity: 'sealed', ...over,
});
const absent = { desired: 'absent', mayAdd: false } as const;

let world: World;
beforeEach(async () => {
  world = new World();
  await world.serve();
});
afterEach(() => world.stop());

describe.each(['in this process', 'over signed HTTP'] as const)('Core %s', (mode) => {
  const core = (): CoreWork => (mode === 'in this process' ? world.local : world.remote());

  it('adds, reads back, removes and reads back', async () => {
    expect(await core().convergeMembership(order(), never)).toMatchObject({ status: 'observed', observed: 'present', write: 'changed', code: 'readBack' });
    expect(await core().readMembership(order({ mode: 'read' }), never)).toMatchObject({ status: 'observed', observed: 'present', write: 'none', code: 'read' });
    expect(await core().convergeMembership(order({ ...absent, generation: 2 }), never)).toMatchObject({ observed: 'absent', write: 'changed' });
    expect(world.provider.present).toBe(false);
  });

  it('refuses an older generation by its fence', async () => {
    await core().convergeMembership(order({ ...absent, generation: 2 }), never);
    expect(await core().convergeMembership(order({ generation: 1 }), never)).toMatchObject({ status: 'notAttempted', code: 'fence.stale_generation' });
    expect(world.provider.writes).toEqual([]);
  });

  it('tells what the provider refused, for people or for another attempt', async () => {
    world.provider.failNext('readMembership', 'forbidden');
    expect(await core().convergeMembership(order(), never)).toMatchObject({ status: 'manual', code: 'provider.forbidden' });
    world.provider.failNext('readMembership', 'retryable', 'none', { status: 429, retryAfterMs: 61_000 });
    expect(await core().convergeMembership(order(), never)).toMatchObject({ status: 'retryable', code: 'provider.rate_limited', retryAfterMs: 61_000 });
  });

  it('stops what has written nothing yet when it is cancelled', async () => {
    const cancel = new AbortController();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => { release = resolve; });
    let reached = (): void => undefined;
    const reading = new Promise<void>((resolve) => { reached = resolve; });
    world.provider.before = (call) => { if (call === 'readMembership') { reached(); return held; } };
    const result = core().convergeMembership(order(), cancel.signal);
    await reading;
    cancel.abort();
    if (mode === 'over signed HTTP') await world.post('/membership/cancel', { siteId: 'acme', intentId: `int-${sequence}` }); // whichever of the two comes first
    release();
    expect(await result).toMatchObject({ status: 'notAttempted', code: 'core.superseded', write: 'none' });
    expect(world.provider.writes).toEqual([]);
  });

  it('answers the calls of an admin', async () => {
    const call = { siteId: 'acme', connectorId: 'con-1', provider: 'okta', sealedConfig: 'sealed' } as const;
    expect(await core().performCoreCall({ ...call, kind: 'testConnector' }, never, 'call.1')).toEqual({ kind: 'tested', abilities: [{ ability: 'readUsers', ok: true }] });
    expect(await core().performCoreCall({ ...call, kind: 'createGroup', name: 'AI Clearance - X - Users', description: 'd' }, never, 'call.2')).toMatchObject({ kind: 'group', externalGroupId: 'group-1' });
  });
});

describe('an order over HTTP', () => {
  it('is carried out once: a repeat has the same result, two at once are one', async () => {
    const one = order();
    const first = await world.post('/membership/provision', one);
    expect(first).toMatchObject({ status: 200, json: { outcome: 'succeeded', code: 'readBack', result: { write: 'changed' } } });
    await world.provider.removeMember(); // somebody else's doing, which a repeat must not undo
    expect(await world.post('/membership/provision', one)).toEqual(first);
    const two = order({ generation: 2 });
    const both = await Promise.all([world.post('/membership/provision', two), world.post('/membership/provision', two)]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(world.provider.writes).toEqual(['addMember', 'removeMember', 'addMember']);
  });

  it('is not carried out again when whoever began it is gone, and says that its effect is unknown', async () => {
    const one = order();
    await world.post('/membership/provision', one);
    const row = world.answers.rows.get(one.intentId);
    if (row !== undefined) Object.assign(row, { answer: null, lost: true });
    expect(await world.remote().convergeMembership(one, never)).toMatchObject({ status: 'retryable', code: 'core.lost', write: 'unknown' });
    expect(world.provider.writes).toHaveLength(1);
  });

  it.each<readonly [what: string, path: string, body: () => unknown, expected: object]>([
    ['with the key of another order', '/membership/provision', () => { world.answers.rows.set('int-x', { hash: 'other', answer: null, lost: false }); return order({ intentId: 'int-x' }); }, { status: 422, json: { code: 'order.key_reused' } }],
    ['of a site that does not exist', '/membership/provision', () => order({ siteId: 'nowhere' }), { status: 404, json: { code: 'site.not_found' } }],
    ['to remove, sent where people are added', '/membership/provision', () => order(absent), { status: 400, json: { code: 'body.invalid' } }],
    ['to add, sent where people are looked up', '/membership/check', () => order(), { status: 400, json: { code: 'body.invalid' } }],
    ['with a field that does not exist', '/membership/provision', () => ({ ...order(), userId: '00u1' }), { status: 400, json: { code: 'body.invalid' } }],
  ])('%s is refused', async (_what, path, body, expected) => {
    expect(await world.post(path, body())).toMatchObject(expected);
    expect(world.provider.calls).toEqual([]);
  });

  it('is turned away while two hundred are being worked on, those included that only read', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => { release = resolve; });
    let reading = 0;
    let reached = (): void => undefined;
    const areReading = new Promise<void>((resolve) => { reached = resolve; });
    world.provider.before = (call) => { if (call === 'readMembership') { if (++reading === 200) reached(); return held; } };
    const checks = Array.from({ length: 200 }, () => world.post('/membership/check', order({ mode: 'read' })));
    await areReading;
    const refused = { status: 503, json: { code: 'core.busy' } };
    expect(await world.post('/membership/check', order({ mode: 'read' }))).toMatchObject(refused);
    expect(await world.post('/membership/provision', order())).toMatchObject(refused);
    release();
    expect((await Promise.all(checks)).every(({ status }) => status === 200)).toBe(true);
    expect(await world.post('/membership/check', order({ mode: 'read' }))).toMatchObject({ status: 200 });
  });

  it('of another site than its signer\'s is refused', async () => {
    expect(await world.post('/membership/provision', order(), { id: 'globex' })).toMatchObject({ status: 403, json: { code: 'order.other_site' } });
  });

  it('is refused when the message came before, and nothing is done', async () => {
    const one = order();
    await world.post('/membership/check', { ...one, mode: 'read' }, { nonce: 'a-nonce-that-was-used-before' });
    expect(await world.post('/membership/provision', one, { nonce: 'a-nonce-that-was-used-before' })).toMatchObject({ status: 401, json: { code: 'signature.replayed' } });
    expect(world.provider.writes).toEqual([]);
  });

  it('is not even read without a signature', async () => {
    const answer = await fetch(`${world.url}/membership/provision`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(order()) });
    expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'signature.missing' }]);
    expect((await fetch(`${world.url}/whoami`)).status).toBe(401);
    expect((await fetch(`${world.url}/health/live`)).status).toBe(200);
  });
});

describe('a governance worker whose Core', () => {
  let stand: Server | undefined;
  /** Something at Core's address that answers as told. */
  const standIn = async (answer: (path: string) => { readonly status: number; readonly body: string; readonly type?: string } | 'hangUp'): Promise<string> => {
    stand = createServer((request, response) => {
      request.resume();
      const told = answer(request.url ?? '');
      if (told === 'hangUp') request.socket.destroy();
      else response.writeHead(told.status, { 'content-type': told.type ?? 'application/json' }).end(told.body);
    });
    const listening = stand;
    await new Promise<void>((resolve) => { listening.listen(0, '127.0.0.1', resolve); });
    return `http://127.0.0.1:${portOf(listening)}`;
  };
  afterEach(() => stand?.close());

  it('refuses its key gives the job to people and says where to look', async () => {
    const result = await world.remote({ secret: 'secret-that-nobody-knows-0123456789' }).convergeMembership(order(), never);
    expect(result).toMatchObject({ status: 'manual', code: 'core.refused', write: 'none' });
    expect(result.detail).toContain('signature.invalid');
    await expect(world.remote({ secret: 'secret-that-nobody-knows-0123456789' }).ping()).rejects.toThrow('signature.invalid');
    await expect(world.remote().ping()).resolves.toBeUndefined();
  });

  it.each([400_000, -400_000])('has a clock that is %d ms off loses no attempt by it', async (skewMs) => {
    world.skewMs = skewMs;
    expect(await world.remote().convergeMembership(order(), never)).toMatchObject({ status: 'notAttempted', code: 'core.refused', write: 'none' });
  });

  it('loses an answer asks again under the same key and has the result of the one execution', async () => {
    let lost = 0;
    const url = await standIn(() => (lost++ === 0 ? 'hangUp' : { status: 200, body: JSON.stringify({ outcome: 'succeeded', code: 'readBack', detail: 'd', retryAfterMs: null, result: { status: 'observed', observed: 'present', readAt: '2026-03-10T12:00:00.000Z', write: 'changed', code: 'readBack', detail: 'd', retryAfterMs: null, providerRequestId: null } }) }));
    expect(await world.remote({ url }).convergeMembership(order(), never)).toMatchObject({ status: 'observed', observed: 'present' });
    expect(lost).toBe(2);
  });

  it.each<readonly [what: string, answer: { readonly status: number; readonly body: string; readonly type?: string } | 'hangUp', expected: object]>([
    ['is away (503)', { status: 503, body: '{"code":"database.unavailable"}', type: 'application/problem+json' }, { status: 'notAttempted', code: 'core.unreachable', write: 'none' }],
    ['is behind a proxy that is alone (503 of its own)', { status: 503, body: '<html>', type: 'text/html' }, { status: 'retryable', code: 'core.invalid_answer', write: 'unknown' }],
    ['answers garbage', { status: 200, body: 'OK', type: 'text/plain' }, { status: 'retryable', code: 'core.invalid_answer', write: 'unknown' }],
    ['answers another shape', { status: 200, body: '{"outcome":"succeeded"}' }, { status: 'retryable', code: 'core.invalid_answer', write: 'unknown' }],
    ['hangs up on every message', 'hangUp', { status: 'retryable', code: 'core.lost', write: 'unknown' }],
    ['is broken (500)', { status: 500, body: '{"code":"internal"}', type: 'application/problem+json' }, { status: 'retryable', code: 'core.lost', write: 'unknown' }],
  ])('%s claims nothing that it does not know', async (_what, answer, expected) => {
    const cancelled = AbortSignal.timeout(50); // ends the patience early, as a newer decision does
    const impatient = new RemoteCore({ url: await standIn(() => answer), appId: 'gov', secret: SECRET, now: () => new Date(), pause: () => Promise.resolve(), afterCancelMs: 100 });
    expect(await impatient.convergeMembership(order(), cancelled)).toMatchObject(expected);
  });

  it('can not be reached at all costs no attempt', async () => {
    const url = await standIn(() => 'hangUp');
    stand?.close();
    const cancelled = AbortSignal.timeout(50);
    expect(await world.remote({ url }).convergeMembership(order(), cancelled)).toMatchObject({ status: 'notAttempted', code: 'core.unreachable', retryAfterMs: 5_000 });
  });
});

const isAddress = (address: string | AddressInfo | null): address is AddressInfo => typeof address === 'object' && address !== null;
function portOf(server: Server): number {
  const address = server.address();
  if (!isAddress(address)) throw new Error('the server does not listen');
  return address.port;
}
