import { signRequest } from '../../src/http-signature/sign-request.js';
import { startTestProduct, type TestProduct } from '../support/product.js';
import { until } from '../support/until.js';

/** A governance worker that reaches Core over signed HTTP through whatever the line does to it (SPEC F9), on a real Postgres and a real engine. */
describe('Core over HTTP', () => {
  let product: TestProduct;
  beforeAll(async () => { product = await startTestProduct({ core: 'http' }); });
  afterAll(() => product.stop());

  const grantOf = async (requestId: string): Promise<Record<string, unknown>> => (await product.sql('SELECT g.status, j.attempts FROM access_grant g LEFT JOIN provisioning_job j ON j.grant_id = g.id WHERE g.request_id = $1', [requestId]))[0] ?? {};
  const status = (requestId: string, wanted: string): Promise<Record<string, unknown>> => until(`grant ${wanted}`, async () => {
    const grant = await grantOf(requestId);
    return grant['status'] === wanted ? grant : undefined;
  }, { timeoutMs: 45_000 });
  const addsOf = async (oktaId: string): Promise<number> => (await product.oktaCalls()).filter((call) => call.method === 'PUT' && call.changed && call.path.includes(oktaId)).length;
  const polling = async (): Promise<boolean> => (await product.sql("SELECT 1 FROM worker_heartbeat WHERE kind = 'core' AND polls")).length > 0;

  it('adds once although the answer is lost on the way, and has the result of that one execution', async () => {
    const person = await product.person();
    const requestId = await product.ask(person.accountId);
    product.coreHttp.proxy.setFault({ kind: 'dropResponse', whenRequestIncludes: '/membership/provision' });
    await product.decide(requestId, 'approve');
    expect(await status(requestId, 'active')).toMatchObject({ attempts: 1 });
    expect([product.coreHttp.proxy.droppedResponses(), await addsOf(person.oktaId)]).toEqual([1, 1]);
    product.coreHttp.proxy.setFault({ kind: 'none' });
    expect(await product.sql("SELECT 1 FROM membership_intent WHERE outcome = 'changed'")).toHaveLength(1);
  });

  it('lets work wait while it is away, says so, and goes on without a lost attempt', async () => {
    await until('Core is polled for', async () => (await polling()) || undefined);
    await product.stopCore();
    await until('nobody polls for Core', async () => !(await polling()) || undefined, { timeoutMs: 30_000 });
    const person = await product.person();
    const requestId = await product.ask(person.accountId);
    await product.decide(requestId, 'approve');
    expect(await grantOf(requestId)).toMatchObject({ status: 'pendingProvision', attempts: 0 });
    await product.startCore();
    expect(await status(requestId, 'active')).toMatchObject({ attempts: 1 });
    expect(await addsOf(person.oktaId)).toBe(1);
  });

  it('refuses a copy of a message, in whatever process it arrives', async () => {
    const { url, appId, secret } = product.coreHttp;
    const headers = signRequest({ method: 'GET', targetUri: `${url}/whoami`, body: Buffer.alloc(0) }, { keyId: appId, key: Buffer.from(secret) });
    const ask = async (): Promise<unknown> => (await fetch(`${url}/whoami`, { headers })).json();
    expect(await ask()).toEqual({ appId, siteId: null });
    await product.stopCore();
    await product.startCore();
    expect(await ask()).toMatchObject({ status: 401, code: 'signature.replayed' });
  });

  it('leaves the governance worker without any key to a credential', () => {
    expect(Object.keys(product.workerEnvironment.governance).filter((name) => name.includes('SEALING_PRIVATE'))).toEqual([]);
  });
});
