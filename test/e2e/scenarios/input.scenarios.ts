import { bodyOf, type World } from '../support/world.js';
import { problemShape } from '../support/shapes.js';

const GOOD = { toolKey: 'claude-team', businessUse: 'Summaries', dataClasses: ['internal'], durationDays: 10 };

/** SPEC §13: a stable code, the field, and what would be accepted; nothing half-done. */
export function inputScenarios(at: () => World): void {
  it.each<[string, unknown, number, string | null]>([
    ['a field too many', { ...GOOD, approved: true }, 400, null],
    ['an accountId of somebody else', { ...GOOD, accountId: '712020:erin-admin' }, 403, null],
    ['text for a number', { ...GOOD, durationDays: '10' }, 400, 'durationDays'],
    ['no days at all', { ...GOOD, durationDays: 0 }, 400, 'durationDays'],
    ['half a day', { ...GOOD, durationDays: 1.5 }, 400, 'durationDays'],
    ['NUL', { ...GOOD, businessUse: 'a\0b' }, 400, 'businessUse'],
    ['a line break', { ...GOOD, businessUse: 'a\r\nb' }, 400, 'businessUse'],
    ['half of a surrogate pair', { ...GOOD, businessUse: 'a\ud800' }, 400, 'businessUse'],
    ['a key with blanks', { ...GOOD, toolKey: 'a b' }, 400, 'toolKey'],
    ['text that is not JSON', '{"toolKey":', 400, null],
    ['a megabyte', { ...GOOD, businessUse: 'x'.repeat(1_100_000) }, 413, null],
  ])('is answered with a problem: %s', async (_what, body, status, field) => {
    const answer = await at().as('gil').post('/requests', body);
    const problem = bodyOf(answer, status, problemShape);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(problem.status).toBe(status);
    if (field !== null) expect(problem['errors']).toContainEqual(expect.objectContaining({ path: field }));
    expect(JSON.stringify(problem)).not.toMatch(/node_modules|at \w+ \(/);
  });

  it('refuses who is not signed in, unknown query parameters and unknown paths', async () => {
    expect((await at().nobody.get('/requests')).status).toBe(401);
    expect((await at().nobody.post('/requests', GOOD)).status).toBe(401);
    expect(bodyOf(await at().as('gil').get('/requests?colour=red'), 400, problemShape).code).toBe('query.unknown');
    expect(bodyOf(await at().as('gil').get('/requests?limit=201'), 400, problemShape).code).toBe('query.invalid');
    expect(bodyOf(await at().as('gil').get('/no-such-thing'), 404, problemShape).code).toBe('route.not_found');
  });

  it('keeps what is the admin\'s and the auditor\'s from others', async () => {
    for (const path of ['/connectors', '/identity-mappings', '/approval-policies', '/policy/guardrails', '/audit/events', '/settings/intake']) {
      expect([path, (await at().as('carla').get(path)).status]).toEqual([path, 403]);
    }
    expect((await at().as('farah').get('/audit/events')).status).toBe(200);
    expect((await at().as('farah').get('/connectors')).status).toBe(403);
  });
}
