import { ApiHarness } from '../testing/api-harness.js';

describe('event hooks', () => {
  let api: ApiHarness;
  beforeAll(async () => { api = await ApiHarness.start(); });
  afterAll(() => api.close());

  it('give Okta its challenge back, without a token, and nothing that is no challenge', async () => {
    const ask = (challenge: string) => api.ask('GET', '/api/v1/hooks/okta/c1', { headers: { 'x-okta-verification-challenge': challenge } });
    expect(await ask('nKy1Uy.7-x=')).toMatchObject({ status: 200, json: { verification: 'nKy1Uy.7-x=' } });
    expect(await ask('x'.repeat(257))).toMatchObject({ status: 401, json: { code: 'auth.missing' } });
  });

  it('are answered alike for a wrong secret and for a connector that is not there', async () => {
    const body = { data: { events: [] } };
    const answers = await Promise.all([['c1', 'wrong secret'], ['c9', 'a secret of an Okta org']].map(([connector, as]) => api.ask('POST', `/api/v1/hooks/okta/${connector ?? ''}`, { as: as ?? '', body })));
    expect(answers).toMatchObject([{ status: 401, json: { code: 'auth.invalid' } }, { status: 401, json: { code: 'auth.invalid' } }]);
  });
});
