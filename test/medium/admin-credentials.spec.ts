import { createPrivateKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { beginCoreCall } from '../../src/application/core/begin-core-call.js';
import { ProviderFailure } from '../../src/application/ports/identity-provider.port.js';
import { EngineUnavailable } from '../../src/application/ports/api-commands.port.js';
import { createConnectorBody } from '../../src/contracts/connector.contract.js';
import { recordCoreCommand } from '../../src/application/core/record-core-call.js';
import { connectorConfigContext } from '../../src/application/ports/sealing.port.js';
import { createUnsealer, generateSealingKeys, createSealer } from '../../src/integrations/sealing/asymmetric-sealing.js';
import { selfSigned } from '../contract/support/self-signed.js';
import { context, SITE } from './admin-fixture.js';
import { bodyOf, codeOf, World } from './admin-world.js';

const OLD = 'canary-okta-token';
const token = (text: string) => ({ auth: { kind: 'apiToken' as const, token: text } });

describe('the credential of an enabled connector', () => {
  let world: World;
  beforeAll(async () => { world = await World.start(); });
  afterAll(() => world.fixture.stop());
  beforeEach(() => {
    world.okta.failure = null;
    world.okta.abilities = [{ ability: 'readUsers', ok: true }];
  });
  const used = async (connectorId: string): Promise<unknown> => {
    await world.commands.connectors.test(context(), { connectorId });
    return world.okta.connections.at(-1)?.auth;
  };

  it('is tested before it replaces the old one, and the connector stays enabled', async () => {
    const { id, version } = await world.readyConnector();
    const before = (await world.fixture.auditActions()).length;
    const answer = bodyOf(await world.commands.connectors.update(context(), { connectorId: id, patch: token('canary-new'), expectedVersion: version }));
    expect(answer).toMatchObject({ status: 'enabled', lastTest: { ok: true } });
    expect(world.okta.connections.at(-1)?.auth).toEqual({ kind: 'apiToken', token: 'canary-new' });
    expect((await world.fixture.auditActions()).slice(before)).toEqual(['connector.tested', 'connector.updated']);
    expect(await used(id)).toEqual({ kind: 'apiToken', token: 'canary-new' });
  });

  it.each([
    ['is refused by the provider', () => { world.okta.failure = new ProviderFailure('unauthorized', 'the token is not valid'); }, 'the token is not valid'],
    ['may do too little', () => { world.okta.abilities = [{ ability: 'manageMembers', ok: false, detail: 'grant okta.groups.manage' }]; }, 'grant okta.groups.manage'],
  ])('stays as it was when the new one %s', async (_what, arrange, said) => {
    const { id, version } = await world.readyConnector();
    const before = (await world.fixture.auditActions()).length;
    arrange();
    const refused = await world.commands.connectors.update(context(), { connectorId: id, patch: token('canary-bad'), expectedVersion: version });
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'connector.credential_refused', path: 'auth' } });
    expect(JSON.stringify(refused)).toContain(said);
    expect((await world.fixture.auditActions()).slice(before)).toEqual(['connector.refused']);
    [world.okta.failure, world.okta.abilities] = [null, [{ ability: 'readUsers', ok: true }]];
    expect(await used(id)).toEqual({ kind: 'apiToken', token: OLD });
    expect((await world.fixture.rows('SELECT status, row_version FROM connector WHERE id = $1', [id]))[0]).toMatchObject({ status: 'enabled' });
  });

  it('stays as it was when nobody can test the new one, and the same key asks again', async () => {
    const { id, version } = await world.readyConnector();
    const { coreCalls } = world.deps;
    const execute = coreCalls.execute.bind(coreCalls);
    const at = context();
    Object.assign(coreCalls, { execute: () => Promise.reject(new EngineUnavailable('away')) });
    await expect(world.commands.connectors.update(at, { connectorId: id, patch: token('canary-late'), expectedVersion: version })).rejects.toThrow(EngineUnavailable);
    Object.assign(coreCalls, { execute });
    expect(await used(id)).toEqual({ kind: 'apiToken', token: OLD });
    // While it waits it is kept where a rotation of keys finds it, and nowhere else in the row.
    const recorded = () => world.fixture.rows("SELECT payload::text, sealed, sealed_field FROM command WHERE operation = 'connector.rotate' AND idempotency_key = $1", [at.idempotencyKey]);
    const [pending] = await recorded();
    expect(await world.opened(connectorConfigContext(SITE, id), String(pending?.['sealed']))).toContain('canary-late');
    expect(pending?.['sealed_field']).toBe(`${id}/config`);
    expect(pending?.['payload']).not.toContain(String(pending?.['sealed']));
    // The connector was tested meanwhile, so what was asked for is no longer about this version.
    expect(codeOf(await world.commands.connectors.update(at, { connectorId: id, patch: token('canary-late'), expectedVersion: null }))).toBe('if_match.stale');
    expect((await recorded())[0]).toMatchObject({ sealed: null, sealed_field: null });
    expect(bodyOf(await world.commands.connectors.update(context(), { connectorId: id, patch: token('canary-late'), expectedVersion: null }))).toMatchObject({ status: 'enabled' });
  });

  it('leaves an order that is under way its own: it opens and ends well after the change', async () => {
    const { id, version } = await world.readyConnector();
    const commandId = await world.deps.uow.run(SITE, async (tx) => {
      const recorded = await recordCoreCommand(world.deps, tx, context(), { operation: 'tool.bindGroup', connectorId: id, toolKey: 'x', roleKey: null, externalGroupId: 'g' });
      return recorded.ok ? recorded.commandId : '';
    });
    const order = await world.deps.uow.run(SITE, (tx) => beginCoreCall(world.deps, tx, commandId));
    bodyOf(await world.commands.connectors.update(context(), { connectorId: id, patch: token('canary-next'), expectedVersion: version }));
    const [row] = await world.fixture.rows('SELECT sealed_config FROM connector WHERE id = $1', [id]);
    expect(order?.sealedConfig).not.toBe(row?.['sealed_config']);
    expect(await world.opened(connectorConfigContext(SITE, id), order?.sealedConfig ?? '')).toContain(OLD);
    expect(await world.opened(connectorConfigContext(SITE, id), String(row?.['sealed_config']))).toContain('canary-next');
  });

  it('is replaced under the key that seals now while the old key still opens what is under way', async () => {
    const [old, fresh] = [await generateSealingKeys(), await generateSealingKeys()];
    const at = connectorConfigContext(SITE, 'c');
    const under = await (await createSealer(old.publicJwks)).seal(at, 'order under way');
    const ring = await createUnsealer(`${fresh.privateJwks.slice(0, -2)},${old.privateJwks.slice('{"keys":['.length)}`);
    expect(await ring.open(at, under)).toBe('order under way');
    expect(ring.keyOf(await ring.seal(at, 'next'))).toBe(ring.newestKey);
  });
});

describe('a credential as it was sent', () => {
  let world: World;
  const leaf = selfSigned();
  beforeAll(async () => { world = await World.start(); });
  afterAll(() => world.fixture.stop());
  const create = (auth: object, provider: 'okta' | 'entra') => world.commands.connectors.create(context(), createConnectorBody.parse(provider === 'okta'
    ? { provider, name: `Okta ${randomUUID()}`, orgUrl: 'http://127.0.0.1:9', auth } : { provider, name: `Entra ${randomUUID()}`, tenantId: 't', clientId: 'c', auth }));

  it('loses the line break around it, and the answer says so', async () => {
    const made = bodyOf(await create({ kind: 'apiToken', token: ' canary-pasted\n' }, 'okta'));
    expect(made.notices).toEqual(['auth.token had blanks or a line break around it, which were taken off']);
    bodyOf(await world.commands.connectors.test(context(), { connectorId: made.id }));
    expect(world.okta.connections.at(-1)?.auth).toEqual({ kind: 'apiToken', token: 'canary-pasted' });
    expect(bodyOf(await create({ kind: 'clientSecret', clientSecret: 's\r\n' }, 'entra')).notices).toHaveLength(1);
    expect(bodyOf(await create({ kind: 'clientSecret', clientSecret: 's' }, 'entra')).notices).toBeUndefined();
  });

  it('is refused with a code when a certificate comes without its key, with another\'s, or not at all', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const other = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const refusals = await Promise.all([leaf.cert, leaf.key, `${leaf.cert}\n${other}`, `${leaf.cert}\n-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n`].map((certificatePem) => create({ kind: 'certificate', certificatePem }, 'entra')));
    expect(refusals.map(codeOf)).toEqual(Array.from({ length: 4 }, () => 'connector.key_unusable'));
    expect(JSON.stringify(refusals)).not.toContain('BEGIN');
    expect(codeOf(await create({ kind: 'privateKeyJwt', clientId: 'c', privateKeyPem: leaf.cert }, 'okta'))).toBe('connector.key_unusable');
    expect(codeOf(await create({ kind: 'certificate', certificatePem: `${leaf.cert}\n${leaf.key}` }, 'entra'))).toBe('not refused');
    expect(codeOf(await create({ kind: 'privateKeyJwt', clientId: 'c', privateKeyPem: createPrivateKey(other).export({ type: 'pkcs1', format: 'pem' }) }, 'okta'))).toBe('not refused');
  });
});
