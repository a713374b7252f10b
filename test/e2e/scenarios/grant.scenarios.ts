import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { until } from '../../support/until.js';
import { bodyOf, grantOf, PEOPLE, type Person, type World } from '../support/world.js';
import { grantShape, manualActionShape, pageOf, problemShape, requestShape } from '../support/shapes.js';

const extendBody = { durationDays: 10, reason: 'One more sprint' };
const mapping = z.looseObject({ id: z.string(), externalId: z.string().nullable() });

/** What happens to access once it was decided: waiting for a mapping, giving back, revoking, extending. */
export function grantScenarios(at: () => World): void {
  const activeGrant = async (person: Person, key: string) => {
    const asked = await at().ask(person, key);
    bodyOf(await at().decide('carla', asked.id, 'approve'), 200, z.unknown());
    return grantOf(await at().grantIs(asked.id, 'active'));
  };
  const selfService = async (extendEnabled: boolean): Promise<void> => {
    bodyOf(await at().as('erin').send('PUT', '/settings/self-service', { extendEnabled, expiringSoonDays: 14 }), 200, z.unknown());
  };

  it('waits for the mapping of a person who has none, and goes on by itself once there is one', async () => {
    const { key, groupId } = await at().tool('okta');
    const asked = await at().ask('ben', key);
    bodyOf(await at().decide('carla', asked.id, 'approve'), 200, requestShape);
    const action = await until('the manual action', async () => bodyOf(await at().as('carla').get(`/manual-actions?requestId=${asked.id}`), 200, pageOf(manualActionShape)).items[0], { timeoutMs: 30_000 });
    expect(action).toMatchObject({ status: 'open', kind: 'provision', reason: { code: 'mapping.missing' } });
    const refused = await at().as('carla').post(`/manual-actions/${action.id}/complete`, { outcome: 'fulfilled', note: 'I did it by hand.' });
    expect(bodyOf(refused, 422, problemShape).code).toBe('mapping.missing');
    expect((await at().look(asked.id)).grant?.status).toBe('pendingProvision');
    expect(await at().vendors.oktaMembers(groupId)).toEqual([]);

    const login = `ben.${randomUUID().slice(0, 8)}@acme.example`;
    await at().okta.send('POST', 'users', { login });
    expect((await at().as('ben').post('/identity-mappings', { accountId: PEOPLE.ben, provider: 'okta', externalLogin: login })).status).toBe(403);
    const { id } = bodyOf(await at().as('erin').post('/identity-mappings', { accountId: PEOPLE.ben, provider: 'okta', externalLogin: login }), 201, mapping);
    await at().grantIs(asked.id, 'active');
    expect(await at().vendors.oktaMembers(groupId)).toEqual([login]);
    expect(bodyOf(await at().as('carla').get(`/manual-actions?requestId=${asked.id}&status=open`), 200, pageOf(manualActionShape)).items).toEqual([]);
    expect((await at().as('erin').send('DELETE', `/identity-mappings/${id}`, undefined, { ifMatch: '*' })).status).toBe(204);
  }, 90_000);

  it('ends a request that its requester withdraws, and nobody else may', async () => {
    const { key } = await at().tool();
    const asked = await at().ask('gil', key);
    expect(bodyOf(await at().as('carla').post(`/requests/${asked.id}/withdraw`), 403, problemShape).code).toBe('request.not_requester');
    expect(bodyOf(await at().as('gil').post(`/requests/${asked.id}/withdraw`, { reason: 'Not needed.' }), 200, requestShape)).toMatchObject({ decision: 'withdrawn', decisionSource: 'requester' });
    expect(bodyOf(await at().decide('carla', asked.id, 'approve'), 409, problemShape).code).toBe('request.already_decided');
    expect((await at().look(asked.id)).grant).toBeNull();
  });

  it('takes access away when its holder gives it back', async () => {
    const { key, groupId } = await at().tool('okta');
    const { id } = await activeGrant('gil', key);
    expect(bodyOf(await at().as('carla').post(`/grants/${id}/return`), 403, problemShape).code).toBe('grant.not_holder');
    bodyOf(await at().as('gil').post(`/grants/${id}/return`), 200, grantShape);
    await until('the end of the access', async () => bodyOf(await at().as('erin').get(`/grants/${id}`), 200, grantShape).status === 'revoked', { timeoutMs: 30_000 });
    expect(await at().vendors.oktaMembers(groupId)).toEqual([]);
  });

  it('revokes once: a holder may not, and a second revocation is a conflict', async () => {
    const { key, groupId } = await at().tool('entra');
    const { id } = await activeGrant('gil', key);
    expect(bodyOf(await at().as('gil').post(`/grants/${id}/revoke`), 403, problemShape).code).toBe('review.not_approver');
    expect(bodyOf(await at().as('dmitri').post(`/grants/${id}/revoke`, { reason: 'Left the project.' }), 200, grantShape).status).toMatch(/removing|revoked/);
    expect((await at().as('carla').post(`/grants/${id}/revoke`)).status).toBe(409);
    const ended = await until('the end of the access', async () => {
      const seen = bodyOf(await at().as('erin').get(`/grants/${id}`), 200, grantShape);
      return seen.status === 'revoked' ? seen : undefined;
    }, { timeoutMs: 30_000 });
    expect(ended.membership).toMatchObject({ desired: 'absent', observed: 'absent' });
    expect(await at().vendors.entraMembers(groupId)).toEqual([]);
    const calls = await at().entra.calls(new RegExp(`groups/${groupId}/members`));
    expect(calls.filter(({ method, changed }) => method === 'DELETE' && changed)).toHaveLength(1);
  });

  it('refuses a second request approved while access is open', async () => {
    const { key } = await at().tool();
    await activeGrant('gil', key);
    const again = await at().as('gil').post('/requests', { toolKey: key, businessUse: 'Again', dataClasses: ['internal'], durationDays: 10 });
    // Refused at once or at the approval (SPEC A4): never two grants.
    if (again.status === 409) expect(again.body).toMatchObject({ code: 'grant.duplicate_open' });
    else expect(bodyOf(await at().decide('carla', bodyOf(again, 201, requestShape).id, 'approve'), 409, problemShape).code).toBe('grant.duplicate_open');
    expect(bodyOf(await at().as('erin').get(`/grants?toolKey=${key}`), 200, pageOf(z.unknown())).items).toHaveLength(1);
  });

  it('extends by an approver, and never beyond 180 days from the first start', async () => {
    const { key } = await at().tool();
    const { id, expiresAt } = await activeGrant('gil', key);
    const extend = (durationDays: number) => at().as('carla').post(`/grants/${id}/extend`, { ...extendBody, durationDays });
    const longer = bodyOf(await extend(90), 200, grantShape);
    expect(Date.parse(longer.expiresAt ?? '') - Date.parse(expiresAt ?? '')).toBe(90 * 86_400_000);
    expect(bodyOf(await extend(90), 422, problemShape).code).toBe('extension.life_exceeded');
    expect(bodyOf(await extend(91), 422, problemShape).code).toBe('policy.denied');
  });

  it('lets its holder extend only where self-service is on and policy needs no review', async () => {
    const [reviewed, automatic] = [await at().tool(), await at().tool()];
    bodyOf(await at().as('erin').post('/approval-policies', { name: `Extend ${automatic.key}`, toolKeys: [automatic.key], autoApprove: true, jiraGroups: ['engineering'], enabled: true }), 201, z.unknown());
    const byPerson = await activeGrant('gil', reviewed.key);
    const byPolicy = grantOf(await at().grantIs((await at().ask('gil', automatic.key)).id, 'active'));
    const extend = ({ id }: { readonly id: string }) => at().as('gil').post(`/grants/${id}/extend`, extendBody);
    expect(bodyOf(await extend(byPolicy), 403, problemShape).code).toBe('extension.self_service_off');
    await selfService(true);
    try {
      expect(bodyOf(await extend(byPerson), 422, problemShape).code).toBe('extension.review_required');
      const own = bodyOf(await extend(byPolicy), 200, grantShape);
      expect(Date.parse(own.expiresAt ?? '') - Date.parse(byPolicy.expiresAt ?? '')).toBe(10 * 86_400_000);
    } finally {
      await selfService(false);
    }
    expect(bodyOf(await extend(byPolicy), 403, problemShape).code).toBe('extension.self_service_off');
  });
}
