import { randomUUID } from 'node:crypto';
import { warnOfExpiry } from '../../src/application/sweeps/credential-expiry.js';
import { createConnectorBody, type ConnectorView } from '../../src/contracts/connector.contract.js';
import { PgReconciliationStore } from '../../src/persistence/stores/reconciliation.store.js';
import { PgUnitOfWork } from '../../src/persistence/unit-of-work.js';
import { selfSigned } from '../contract/support/self-signed.js';
import { context } from './admin-fixture.js';
import { bodyOf, codeOf, World } from './admin-world.js';

const DAY_MS = 86_400_000;
const EXPIRES = '2031-06-30T00:00:00.000Z';

describe('the expiry of a connector\'s credential', () => {
  let world: World;
  beforeEach(async () => { world = await World.start(); });
  afterEach(() => world.fixture.stop());

  const okta = { provider: 'okta', orgUrl: 'http://127.0.0.1:9', auth: { kind: 'apiToken', token: 't' } };
  const create = async (fields: object): Promise<ConnectorView> => bodyOf(await world.commands.connectors.create(context(), createConnectorBody.parse({ name: `One ${randomUUID()}`, ...fields })));
  /** The sweep, so many days before the credential ends. */
  const lookAt = (days: number): Promise<number> => warnOfExpiry({
    uow: new PgUnitOfWork(world.fixture.dataSource, { statementTimeoutMs: 4_000, lockTimeoutMs: 3_000, clock: () => new Date(Date.parse(EXPIRES) - days * DAY_MS) }),
    connectors: world.deps.connectors, findings: new PgReconciliationStore(), siteIds: () => Promise.resolve(['acme', 'globex']), newId: randomUUID,
  });
  const findings = () => world.fixture.rows("SELECT state, connector_id, evidence ->> 'daysBefore' AS days FROM finding WHERE kind = 'credentialExpiring' ORDER BY seen_at, id");

  it('is warned of 30 days before, 7 days before and when it has come, each once', async () => {
    const { id, credential } = await create({ ...okta, credentialExpiresAt: '2031-06-30' });
    expect(credential).toMatchObject({ expiresAt: EXPIRES, saidBy: 'admin', state: 'valid' });
    await create(okta);
    const given: number[] = [];
    for (const days of [31, 30, 29, 8, 7, 6, 0.5, 0, -1, -100]) given.push(await lookAt(days));
    expect(given).toEqual([0, 1, 0, 0, 1, 0, 0, 1, 0, 0]);
    expect((await findings()).map(({ days, state, connector_id }) => [days, state, connector_id])).toEqual(expect.arrayContaining([['30', 'open', id], ['7', 'open', id], ['0', 'open', id]]));
    expect((await world.fixture.auditActions()).filter((action) => action === 'connector.expiry_warned')).toHaveLength(3);
  });

  it('is said by a certificate itself, and by nobody else', async () => {
    const { cert, key } = selfSigned();
    const entra = { provider: 'entra', tenantId: 't', clientId: 'c', auth: { kind: 'certificate', certificatePem: `${cert}\n${key}` } };
    const made = await create(entra);
    expect(made.credential).toMatchObject({ saidBy: 'certificate', state: 'valid' });
    expect(Date.parse(made.credential.expiresAt ?? '')).toBeGreaterThan(Date.now());
    expect(codeOf(await world.commands.connectors.create(context(), createConnectorBody.parse({ ...entra, name: 'two', credentialExpiresAt: '2031-06-30' })))).toBe('body.invalid');
    expect(codeOf(await world.commands.connectors.update(context(), { connectorId: made.id, patch: { credentialExpiresAt: EXPIRES }, expectedVersion: null }))).toBe('body.invalid');
  });

  it('begins anew with another credential, whose arrival ends what was said of the old one', async () => {
    world.okta.abilities = [{ ability: 'readUsers', ok: true }];
    const { id } = await world.readyConnector();
    const dated = bodyOf(await world.commands.connectors.update(context(), { connectorId: id, patch: { credentialExpiresAt: EXPIRES }, expectedVersion: null }));
    expect(dated).toMatchObject({ status: 'enabled', credential: { expiresAt: EXPIRES, saidBy: 'admin' } });
    await lookAt(29);
    await lookAt(6);
    const rotated = bodyOf(await world.commands.connectors.update(context(), { connectorId: id, patch: { auth: { kind: 'apiToken', token: 'next' } }, expectedVersion: null }));
    expect(rotated).toMatchObject({ status: 'enabled', credential: { expiresAt: null, saidBy: null, state: 'unknown' } });
    expect((await findings()).map(({ state }) => state)).toEqual(['repaired', 'repaired']);
    expect((await world.fixture.auditActions()).filter((action) => action === 'finding.repaired')).toHaveLength(2);
    expect(await lookAt(0)).toBe(0);
    bodyOf(await world.commands.connectors.update(context(), { connectorId: id, patch: { credentialExpiresAt: EXPIRES }, expectedVersion: null }));
    expect(await lookAt(5)).toBe(1);
  });

  it('keeps no connector from being removed', async () => {
    const { id } = await create({ ...okta, credentialExpiresAt: EXPIRES });
    await lookAt(3);
    expect(await world.commands.connectors.delete(context(), { connectorId: id, expectedVersion: null })).toEqual({ ok: true, status: 204 });
    expect(await findings()).toEqual([expect.objectContaining({ connector_id: null, days: '7' })]);
  });
});
