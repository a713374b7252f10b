import { z } from 'zod';
import { bodyOf, type World } from '../support/world.js';
import { bulkShape, problemShape } from '../support/shapes.js';

/** SPEC A1, A7. Each actor has five bulk operations a minute; a refused body takes none of them. */
export function bulkScenarios(at: () => World): void {
  it('decides each request by itself: one\'s own is refused, the others are not', async () => {
    const { key } = await at().tool();
    const [own, other, decided] = await Promise.all([at().ask('carla', key), at().ask('gil', key), at().ask('ada', key)]);
    bodyOf(await at().decide('dmitri', decided.id, 'deny'), 200, z.unknown());
    const requestIds = [own.id, other.id, decided.id, 'req_unknown'];
    const { results } = bodyOf(await at().as('carla').post('/requests/bulk-decisions', { requestIds, decision: 'approve' }), 200, bulkShape);
    expect(results).toMatchObject([
      { requestId: own.id, status: 403, code: 'review.self_approval' }, { requestId: other.id, status: 200 },
      { requestId: decided.id, status: 409, code: 'request.already_decided' }, { status: 404 },
    ]);
    expect(await at().look(own.id)).toMatchObject({ decision: 'pending', reviews: [] });
    await at().grantIs(other.id, 'active');
    const byKey = bodyOf(await at().as('dmitri').post('/requests/bulk-decisions', { issueKeys: [own.issueKey], decision: 'deny' }), 200, bulkShape);
    expect(byKey.results).toMatchObject([{ issueKey: own.issueKey, status: 200 }]);
    expect(await at().look(own.id)).toMatchObject({ decision: 'denied' });
  });

  it('refuses more than fifty keys, none, and both kinds of keys', async () => {
    const refused = async (body: unknown): Promise<unknown> => bodyOf(await at().as('hugo').post('/requests/bulk-decisions', body), 400, problemShape).code;
    const ids = Array.from({ length: 51 }, (_, index) => `req_${index}`);
    expect(await refused({ requestIds: ids, decision: 'deny' })).toBe('body.invalid');
    expect(await refused({ requestIds: [], decision: 'deny' })).toBe('body.invalid');
    expect(await refused({ requestIds: ['req_1'], issueKeys: ['AIACC-1'], decision: 'deny' })).toBe('body.invalid');
    expect(await refused({ decision: 'deny' })).toBe('body.invalid');
  });

  it('says after five in a minute how long to wait', async () => {
    const bulk = () => at().as('ida').post('/requests/bulk-decisions', { requestIds: ['req_unknown'], decision: 'deny' });
    for (let taken = 0; taken < 5; taken += 1) expect((await bulk()).status).toBe(200);
    const refused = await bulk();
    expect(bodyOf(refused, 429, problemShape).code).toBe('rate.limited');
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThanOrEqual(1);
    expect(wait).toBeLessThanOrEqual(60);
    expect((await at().as('gina').post('/requests/bulk-decisions', { requestIds: ['req_unknown'], decision: 'deny' })).status).toBe(200);
  });
}
