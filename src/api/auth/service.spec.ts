import { REFUSAL_DETAIL } from '../../http-signature/profile.js';
import { signRequest } from '../../http-signature/sign-request.js';
import { ApiHarness, codeOf, type Answer } from '../testing/api-harness.js';

const SECRETS = { first: 'first-secret-of-the-desk-0123456789', second: 'second-secret-of-the-desk-123456789', globex: 'secret-of-the-desk-at-globex-012345' };
const body = { toolKey: 'chatgpt-enterprise', businessUse: 'Summaries', dataClasses: ['internal'], durationDays: 30, accountId: 'ada' };
interface Signing { readonly key?: string; readonly id?: string; readonly at?: Date; readonly url?: string; readonly signedBody?: string; readonly nonce?: string }

/** Other ticket systems sign their requests (SPEC I6). */
describe('a service client', () => {
  let api: ApiHarness;
  beforeAll(async () => {
    api = await ApiHarness.start({}, { serviceClients: [{ id: 'desk', siteId: 'acme', secret: SECRETS.first }, { id: 'desk', siteId: 'acme', secret: SECRETS.second }, { id: 'other', siteId: 'globex', secret: SECRETS.globex }, { id: 'lost', siteId: 'nowhere', secret: SECRETS.globex }] });
  });
  afterAll(() => api.close());

  function headers(method: string, path: string, sent: string, { key = SECRETS.first, id = 'desk', at = new Date(), url = `http://127.0.0.1:${api.port}`, signedBody = sent, nonce }: Signing): Readonly<Record<string, string>> {
    return signRequest({ method, targetUri: `${url}${path}`, body: Buffer.from(signedBody) }, { keyId: id, key: Buffer.from(key) }, at, nonce);
  }
  const submit = (signing: Signing = {}, given: unknown = body): Promise<Answer> => {
    const sent = JSON.stringify(given);
    return api.ask('POST', '/api/v1/requests', { raw: sent, headers: { 'content-type': 'application/json', ...headers('POST', '/api/v1/requests', sent, signing) } });
  };
  const get = (path: string, signing: Signing = {}): Promise<Answer> => api.ask('GET', path, { headers: headers('GET', path, '', signing) });

  it('asks for somebody else, in its own name and its own site, with either of its keys', async () => {
    expect((await submit()).status).toBe(201);
    expect(api.state.commands.at(-1)).toMatchObject({ name: 'submit', context: { principal: { siteId: 'acme', accountId: 'desk', kind: 'service' } }, input: { accountId: 'ada' } });
    expect((await submit({ key: SECRETS.second })).status).toBe(201);
    await submit({ id: 'other', key: SECRETS.globex });
    expect(api.state.commands.at(-1)).toMatchObject({ context: { principal: { siteId: 'globex', accountId: 'other' } } });
  });

  it('reads with a signature over the empty body', async () => {
    expect((await get('/api/v1/requests?limit=5')).status).toBe(200);
    expect(codeOf(await get('/api/v1/requests', { signedBody: 'x' }))).toBe('signature.digest_mismatch');
  });

  it('is let in nowhere else, whatever its id is elsewhere', async () => {
    for (const path of ['/api/v1/me', '/api/v1/tools', '/api/v1/audit/events', '/api/v1/grants']) expect(codeOf(await get(path))).toBe('auth.forbidden');
    expect(api.state.refusedAttempts.at(-1)).toMatchObject({ reason: 'service.not_here', principal: { accountId: 'desk' } });
  });

  it.each<readonly [what: string, signing: Signing, code: string]>([
    ['by an id that is not known', { id: 'stranger' }, 'signature.unknown_key'],
    ['with a key of another client', { key: SECRETS.globex }, 'signature.invalid'],
    ['for another host', { url: 'http://elsewhere.example' }, 'signature.invalid'],
    ['over another body', { signedBody: '{}' }, 'signature.digest_mismatch'],
    ['by a clock that is slow', { at: new Date(Date.now() - 301_000) }, 'signature.expired'],
    ['by a clock that is fast', { at: new Date(Date.now() + 330_000) }, 'signature.clock_skew'],
    ['for a site that does not exist', { id: 'lost', key: SECRETS.globex }, 'auth.invalid'],
  ])('signed %s is answered 401', async (_what, signing, code) => {
    const answer = await submit(signing);
    expect([answer.status, codeOf(answer)]).toEqual([401, code]);
    expect(answer.headers['www-authenticate']).toBeDefined();
    expect(answer.text).not.toContain(SECRETS.first);
    expect(api.state.refusedAttempts.at(-1)).toMatchObject({ action: 'sign_in.refused' });
  });

  it('can\'t send one message twice', async () => {
    const once: Signing = { nonce: 'this-nonce-was-used-before' };
    expect((await submit(once)).status).toBe(201);
    expect([codeOf(await submit(once)), codeOf(await submit({ ...once, key: SECRETS.second }))]).toEqual(['signature.replayed', 'signature.replayed']);
    expect((await submit({ ...once, id: 'other', key: SECRETS.globex })).status).toBe(201);
  });

  it('without a whole signature is told what is missing', async () => {
    const sent = JSON.stringify(body);
    const { signature, ...rest } = headers('POST', '/api/v1/requests', sent, {});
    const partly = await api.ask('POST', '/api/v1/requests', { raw: sent, headers: { 'content-type': 'application/json', ...rest } });
    expect(partly.json).toMatchObject({ status: 401, code: 'signature.missing', detail: REFUSAL_DETAIL['signature.missing'] });
    expect(signature).toBeDefined();
  });

  it('beside a bearer token has no say: the token decides', async () => {
    const path = '/api/v1/requests';
    const answer = await api.ask('GET', path, { as: 'ada', headers: { ...headers('GET', path, '', { key: 'wrong' }) } });
    expect(answer.status).toBe(200);
  });
});
