import { connectorConfigContext, externalIdentityContext } from '../../src/application/ports/sealing.port.js';
import { startTestProduct, SITE, type TestProduct } from '../support/product.js';
import { worldPeople } from '../../src/sandbox/world.js';
import { until } from '../support/until.js';

const reporter = worldPeople[0]?.accountId ?? '';

/** One request from intake to the end of access on a real Postgres, a real engine and the Okta sandbox; once for each way to reach Core (SPEC F9). */
describe.each(['queue', 'http'] as const)('the life of a request, Core reached by %s', (core) => {
  let product: TestProduct;
  beforeAll(async () => { product = await startTestProduct({ pollMs: 60_000, core }); }); // the poller's hints would add events to the histories that are counted
  afterAll(() => product.stop());

  const grantOf = async (requestId: string): Promise<Record<string, unknown>> => (await product.sql('SELECT g.*, m.observed FROM access_grant g LEFT JOIN membership m ON m.id = g.membership_id WHERE request_id = $1', [requestId]))[0] ?? {};
  const status = (requestId: string, wanted: string): Promise<Record<string, unknown>> => until(`grant ${wanted}`, async () => {
    const grant = await grantOf(requestId);
    return grant['status'] === wanted ? grant : undefined;
  });

  const eventsOf = async (requestId: string): Promise<number> => {
    const handle = product.client.workflow.getHandle(`access/${SITE}/${requestId}`);
    await handle.result();
    return (await handle.fetchHistory()).events?.length ?? 0;
  };
  /** An issue of the Jira sandbox that a request comments on. */
  const issue = (): string => product.jira.createPortalRequest({ accountId: reporter, snapshot: {} }).issueKey;
  const comments = async (issueKey: string): Promise<string> => {
    const answer = await fetch(`${product.jira.baseUrl}/rest/api/3/issue/${issueKey}/comment`, { headers: { authorization: `Bearer ${product.jira.apiToken}` } });
    return JSON.stringify(await answer.json());
  };
  const statusOf = async (issueKey: string): Promise<string> => JSON.stringify(await (await fetch(`${product.jira.baseUrl}/rest/api/3/issue/${issueKey}?fields=status`, { headers: { authorization: `Bearer ${product.jira.apiToken}` } })).json());

  it('adds the person after approval, reads it back, removes the person at expiry, and tells the ticket, in at most 56 events', async () => {
    const person = await product.person();
    const issueKey = issue();
    const requestId = await product.ask(person.accountId, 'chatgpt-enterprise', { issueKey });
    expect(await product.decide(requestId, 'approve')).toMatchObject({ stored: { ok: true } });
    expect(await status(requestId, 'active')).toMatchObject({ start_evidence: 'readBack', observed: 'present' });
    expect(await product.inGroup(person.oktaId)).toBe(true);
    await until('the activation in the ticket', async () => (await comments(issueKey)).includes('Access is active until'));
    expect(await statusOf(issueKey)).toMatch(/Approved/i);

    await product.advanceHours(31 * 24);
    expect(await status(requestId, 'expired')).toMatchObject({ end_evidence: 'readBack', observed: 'absent' });
    expect(await product.inGroup(person.oktaId)).toBe(false);
    expect(await eventsOf(requestId)).toBeLessThanOrEqual(56);
    const ticket = await comments(issueKey);
    expect(ticket).toContain('no longer in the group');
    expect(ticket).toMatch(/Audit entry [0-9]+\./);
  });

  it('gives and ends a tool without a connector in at most 36 events, ticket steps included', async () => {
    const issueKey = issue();
    const requestId = await product.ask('acc-without-mapping', 'claude-team', { issueKey });
    await product.decide(requestId, 'approve');
    expect(await status(requestId, 'active')).toMatchObject({ start_evidence: 'noConnector' });
    await until('the activation in the ticket', async () => (await comments(issueKey)).includes('Access is active until'));
    await product.advanceHours(31 * 24);
    expect(await status(requestId, 'expired')).toMatchObject({ end_evidence: 'noConnector' });
    expect(await eventsOf(requestId)).toBeLessThanOrEqual(36);
  });

  it('keeps who is resolved through two connectors of one org in the group until the last grant ends', async () => {
    const person = await product.person();
    const [one, two] = [await product.tool(), await product.tool()];
    const config = { provider: 'okta', orgUrl: product.okta.baseUrl, auth: { kind: 'apiToken', token: product.okta.apiToken } };
    await product.sql("INSERT INTO connector (id, site_id, name, provider, public_config, sealed_config, status) SELECT 'con-b', site_id, 'Second', provider, public_config, $1, status FROM connector WHERE id = 'con'", [await product.sealer.seal(connectorConfigContext(SITE, 'con-b'), JSON.stringify(config))]);
    await product.sql("UPDATE tool SET connector_id = 'con-b' WHERE key = ANY($1)", [[one.toolKey, two.toolKey]]);
    await product.sql("UPDATE entitlement_group SET connector_id = 'con-b', external_group_id = $2 WHERE tool_id = ANY($1)", [[one.toolKey, two.toolKey], one.groupId]);
    const granted = async (toolKey: string, durationDays: number): Promise<string> => {
      const requestId = await product.ask(person.accountId, toolKey, { durationDays });
      await product.decide(requestId, 'approve');
      await status(requestId, 'active');
      return requestId;
    };
    const short = await granted(one.toolKey, 1);
    await product.sql("INSERT INTO external_identity (id, site_id, provider, connector_id, identity_hash, sealed, login_hint) SELECT 'ext-b', i.site_id, i.provider, 'con-b', i.identity_hash, $2, 'hint' FROM site_identity_mapping m JOIN external_identity i ON i.id = m.external_identity_id WHERE m.account_id = $1", [person.accountId, await product.sealer.seal(externalIdentityContext(SITE, 'con-b'), person.oktaId)]);
    await product.sql("INSERT INTO site_identity_mapping (id, site_id, account_id, provider, connector_id, external_identity_id, created_by) VALUES ('map-b', $1, $2, 'okta', 'con-b', 'ext-b', 'test')", [SITE, person.accountId]);
    const long = await granted(two.toolKey, 30);
    expect((await grantOf(long))['membership_id']).toBe((await grantOf(short))['membership_id']);
    // The row follows the mapping that counts now: by another one it would look as if the person had been mapped anew.
    expect(await product.sql('SELECT external_identity_id FROM membership WHERE id = $1', [(await grantOf(long))['membership_id']])).toEqual([{ external_identity_id: 'ext-b' }]);

    await product.advanceHours(25);
    expect(await status(short, 'expired')).toMatchObject({ end_evidence: 'heldByOtherGrant' });
    expect(await product.inGroup(person.oktaId, one.groupId)).toBe(true);
    await product.advanceHours(30 * 24);
    expect(await status(long, 'expired')).toMatchObject({ end_evidence: 'readBack' });
    expect(await product.inGroup(person.oktaId, one.groupId)).toBe(false);
  });

  it('leaves no call at the provider for a denied request', async () => {
    const person = await product.person();
    const requestId = await product.ask(person.accountId);
    expect(await product.decide(requestId, 'deny')).toMatchObject({ stored: { ok: true } });
    await product.client.workflow.getHandle(`access/${SITE}/${requestId}`).result();
    expect((await product.oktaCalls()).filter((call) => call.path.includes(person.oktaId))).toEqual([]);
    expect(await grantOf(requestId)).toEqual({});
  });

  it('waits for a mapping as a manual action, and goes on by itself once it is there', async () => {
    const person = await product.person();
    const [mapping] = await product.sql('DELETE FROM site_identity_mapping WHERE account_id = $1 RETURNING external_identity_id', [person.accountId]);
    const requestId = await product.ask(person.accountId);
    await product.decide(requestId, 'approve');
    const action = await until('a manual action', async () => (await product.sql("SELECT id, reason FROM manual_action WHERE request_id = $1 AND status = 'open'", [requestId]))[0]);
    expect(action['reason']).toBe('mapping.missing');
    const refused = await product.command(requestId, { operation: 'completeManualAction', caller: { accountId: product.approver, isAdmin: false }, manualActionId: String(action['id']), outcome: 'fulfilled', note: 'done by hand' });
    expect(refused).toMatchObject({ stored: { ok: false, refusal: { code: 'mapping.missing' } } });
    expect(await grantOf(requestId)).toMatchObject({ status: 'pendingProvision' });
    await product.sql("INSERT INTO site_identity_mapping (id, site_id, account_id, provider, connector_id, external_identity_id, created_by) VALUES ($1, $2, $3, 'okta', 'con', $4, 'test')", [`map_${requestId}`, SITE, person.accountId, mapping?.['external_identity_id']]);
    await product.advanceHours(0);
    expect(await status(requestId, 'active')).toMatchObject({ start_evidence: 'readBack' });
  });

  it('revokes once, keeps a shared membership for the other grant, and removes it with the last', async () => {
    const person = await product.person();
    const [one, two] = [await product.ask(person.accountId), await product.ask(person.accountId, 'codex')];
    await Promise.all([product.decide(one, 'approve'), product.decide(two, 'approve')]);
    await Promise.all([status(one, 'active'), status(two, 'active')]);
    const revoke = { operation: 'revoke', caller: { accountId: product.approver, isAdmin: false }, comment: null } as const;
    await product.command(one, revoke);
    expect(await status(one, 'revoked')).toMatchObject({ end_evidence: 'heldByOtherGrant' });
    expect(await product.inGroup(person.oktaId)).toBe(true);
    expect(await product.command(one, revoke)).toMatchObject({ stored: { ok: false, refusal: { code: 'grant.not_open' } } });
    await product.command(two, revoke);
    expect(await status(two, 'revoked')).toMatchObject({ end_evidence: 'readBack' });
    expect(await product.inGroup(person.oktaId)).toBe(false);
  });

  it('opens an expired grant again inside its grace, on a run that is started for it', async () => {
    const person = await product.person();
    const requestId = await product.ask(person.accountId);
    await product.decide(requestId, 'approve');
    await status(requestId, 'active');
    await product.advanceHours(31 * 24);
    await status(requestId, 'expired');
    await product.client.workflow.getHandle(`access/${SITE}/${requestId}`).result();
    const extend = { operation: 'extend', durationDays: 10, reason: 'one more sprint' } as const;
    expect(await product.command(requestId, { ...extend, caller: { accountId: person.accountId, isAdmin: false } })).toMatchObject({ stored: { ok: false, refusal: { code: 'extension.self_service_off' } } });
    expect(await product.command(requestId, { ...extend, caller: { accountId: product.approver, isAdmin: false } })).toMatchObject({ stored: { ok: true } });
    expect(await status(requestId, 'active')).toMatchObject({ start_evidence: 'readBack' });
    expect(await product.inGroup(person.oktaId)).toBe(true);
  });
});
