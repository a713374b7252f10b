import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { bodyOf, PEOPLE, type World } from '../support/world.js';
import { pageOf, problemShape, requestShape } from '../support/shapes.js';

/** Idempotency keys, revisions, and the walls between sites (API.md). */
export function commandScenarios(at: () => World): void {
  const ask = (key: string) => ({ toolKey: key, businessUse: 'Summaries', dataClasses: ['internal'], durationDays: 10 });

  it('gives the same answer to the same key and body, also for a refusal, and 422 to the same key with another body', async () => {
    const { key } = await at().tool();
    const asked = await at().ask('gil', key);
    const idempotencyKey = randomUUID();
    const decide = (comment: string) => at().as('carla').post(`/requests/${asked.id}/decisions`, { decision: 'approve', comment }, { key: idempotencyKey });
    const [first, second] = [await decide('Fine.'), await decide('Fine.')];
    expect(bodyOf(first, 200, requestShape).decision).toBe('approved');
    expect(bodyOf(second, 200, requestShape)).toMatchObject({ id: asked.id, decision: 'approved' });
    expect(bodyOf(await decide('Something else.'), 422, problemShape).code).toBe('idempotency.key_reused');
    expect((await at().look(asked.id)).reviews).toHaveLength(1);

    const late = () => at().decide('dmitri', asked.id, 'deny', { key: idempotencyKey });
    expect(bodyOf(await late(), 409, problemShape).code).toBe('request.already_decided');
    expect(bodyOf(await late(), 409, problemShape).code).toBe('request.already_decided');
  });

  it('makes one request of one key, however often and however much at once it is sent', async () => {
    const { key } = await at().tool();
    const idempotencyKey = randomUUID();
    const answers = await Promise.all(Array.from({ length: 8 }, () => at().as('gil').post('/requests', ask(key), { key: idempotencyKey })));
    const ids = new Set(answers.map((answer) => bodyOf(answer, 201, requestShape).id));
    expect(ids.size).toBe(1);
    expect(bodyOf(await at().as('erin').get(`/requests?toolKey=${key}`), 200, pageOf(requestShape)).items).toHaveLength(1);
  });

  it('takes the same key of two people for two commands', async () => {
    const { key } = await at().tool();
    const idempotencyKey = randomUUID();
    const [one, two] = await Promise.all([at().as('gil').post('/requests', ask(key), { key: idempotencyKey }), at().as('ada').post('/requests', ask(key), { key: idempotencyKey })]);
    const [ofGil, ofAda] = [bodyOf(one, 201, requestShape), bodyOf(two, 201, requestShape)];
    expect(ofGil.id).not.toBe(ofAda.id);
    expect([ofGil.requester.accountId, ofAda.requester.accountId]).toEqual([PEOPLE.gil, PEOPLE.ada]);
  });

  it('changes a tool only for who names its current revision', async () => {
    const { key } = await at().tool();
    const admin = at().as('erin');
    const seen = await admin.get(`/tools/${key}`);
    const etag = seen.headers.get('etag') ?? '';
    expect(etag).toMatch(/^(W\/)?"[^"]+"$/);
    const patch = (summary: string, ifMatch?: string) => admin.send('PATCH', `/tools/${key}`, { summary }, ifMatch === undefined ? {} : { ifMatch });
    expect(bodyOf(await patch('No revision.'), 428, problemShape).code).toBe('if_match.required');
    const changed = await patch('First.', etag);
    expect(changed).toMatchObject({ status: 200, body: { summary: 'First.' } });
    expect(changed.headers.get('etag')).not.toBe(etag);
    expect(bodyOf(await patch('Second.', etag), 412, problemShape).code).toBe('if_match.stale');
    expect((await admin.send('DELETE', `/tools/${key}`, undefined, { ifMatch: etag })).status).toBe(412);
    expect((await admin.get(`/tools/${key}`)).body).toMatchObject({ summary: 'First.' });
  });

  it('hides every object of another site, for reading and for deciding', async () => {
    const foreign = bodyOf(await at().as('ida').get('/requests?limit=1'), 200, pageOf(requestShape)).items[0];
    const { key } = await at().tool();
    const own = await at().ask('gil', key);
    bodyOf(await at().decide('carla', own.id, 'approve'), 200, z.unknown());
    const grantId = (await at().grantIs(own.id, 'active')).grant?.id ?? '';
    const answers = await Promise.all([
      at().as('erin').get(`/requests/${foreign?.id ?? ''}`), at().as('erin').get(`/requests/${foreign?.id ?? ''}/timeline`), at().decide('carla', foreign?.id ?? '', 'approve'),
      at().as('ida').get(`/requests/${own.id}`), at().as('ida').get(`/requests/${own.id}/timeline`), at().decide('hugo', own.id, 'deny'), at().as('ida').post(`/requests/${own.id}/withdraw`),
      at().as('ida').get(`/grants/${grantId}`), at().as('ida').post(`/grants/${grantId}/revoke`), at().as('hugo').post(`/grants/${grantId}/return`), at().as('ida').get(`/tools/${key}`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
    for (const list of ['/requests', '/grants', '/jobs', '/manual-actions']) {
      const { items } = bodyOf(await at().as('ida').get(`${list}?limit=200`), 200, pageOf(z.looseObject({ siteId: z.string().optional() })));
      expect(JSON.stringify(items)).not.toContain('712020:gil-requester');
    }
    expect((await at().look(own.id)).grant?.status).toBe('active');
    const bulk = await at().as('hugo').post('/requests/bulk-decisions', { requestIds: [own.id], decision: 'deny' });
    expect(bulk.body).toMatchObject({ results: [{ status: 404 }] });
  });
}
