import { createRequest } from '../../src/application/access/submit/create-request.js';
import type { RequestRow } from '../../src/application/ports/record.port.js';
import { bodyOf, killSwitchesOf, type KillSwitches } from '../support/kill-switches.js';
import { SITE, startTestProduct, type TestProduct } from '../support/product.js';
import { until } from '../support/until.js';

/** A block and the decisions around it (docs/adr/0012): neither misses the other, in whatever order they commit. */
describe('access blocks', () => {
  let product: TestProduct;
  let switches: KillSwitches;
  beforeAll(async () => {
    product = await startTestProduct({ workers: 'none' });
    switches = killSwitchesOf(product);
    await product.sql(`INSERT INTO site_setting (site_id, name, value) VALUES ($1, 'defaults', '{"outcomeByRisk":{"low":"autoApprove","medium":"autoApprove","high":"review","critical":"review"}}')`, [SITE]);
  });
  afterAll(() => product.stop());

  const asked = (requester: string) => ({ issueId: null, issueKey: null, projectKey: 'AIACC', toolKey: 'claude-team', roleKey: null, requester, submittedBy: requester, businessUse: 'test', dataClasses: ['internal'], durationDays: 30, jiraGroups: [] });
  const waiting = (count: number) => until(`${count} wait at the gate`, async () => (await product.sql("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")).length === count, { everyMs: 5 });

  it('wait for an approval that is under way and list what it opened; the next one is denied', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => { release = resolve; });
    let opened = (): void => undefined;
    const isOpen = new Promise<void>((resolve) => { opened = resolve; });
    const approving = product.uow.run(SITE, async (tx): Promise<RequestRow> => {
      const request = await createRequest(product.deps.store, tx, asked('acc-early'));
      opened();
      await held;
      return request;
    });
    await isOpen;
    const blocking = switches.execute('tool', 'claude-team');
    await waiting(1);
    const late = product.uow.run(SITE, (tx) => createRequest(product.deps.store, tx, asked('acc-late')));
    await waiting(2);
    release();

    const early = await approving;
    expect(early.decision).toBe('approved');
    const begun = await blocking;
    const { items } = await switches.queries.items(switches.context().principal, begun.id, { limit: 10, after: null });
    expect(items).toMatchObject([{ requestId: early.id, kind: 'grant', accountId: 'acc-early', outcome: null }]);
    expect(items[0]?.remainingMs).toBeGreaterThan(29.9 * 86_400_000);
    expect(await late).toMatchObject({ decision: 'denied', decisionSource: 'policyDeny', policy: { rules: [{ rule: 'access.kill_switch' }] } });
    bodyOf(await switches.commands.restore({ ...switches.context(), methodAndPath: 'POST restore' }, { id: begun.id }));
    expect((await product.uow.run(SITE, (tx) => createRequest(product.deps.store, tx, asked('acc-after')))).decision).toBe('approved');
  });

  it('list a request whose decision already waits for them, and the decision sees the block: neither is a deadlock\'s victim', async () => {
    const request = await product.uow.run(SITE, (tx) => createRequest(product.deps.store, tx, { ...asked('acc-undecided'), toolKey: 'codex' }));
    let locked = (): void => undefined;
    const isLocked = new Promise<void>((resolve) => { locked = resolve; });
    let goOn = (): void => undefined;
    const mayGoOn = new Promise<void>((resolve) => { goOn = resolve; });
    const deciding = product.uow.run(SITE, async (tx) => {
      await product.deps.store.lockCase(tx, request.id);
      locked();
      await mayGoOn;
      return product.deps.store.policyFacts(tx, { toolKey: 'codex', roleKey: null, accountId: 'acc-undecided', connectorId: null });
    });
    await isLocked;
    let isOver = false;
    const blocking = switches.execute('tool', 'codex').finally(() => { isOver = true; });
    await until('the kill switch has passed the request or waits for it', async () => isOver || (await product.sql("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")).length > 0, { everyMs: 5 });
    goOn();
    const [{ blocks }, begun] = await Promise.all([deciding, blocking]);
    expect(blocks).toMatchObject([{ scope: 'tool', key: 'codex', source: 'killSwitch' }]);
    expect((await switches.queries.items(switches.context().principal, begun.id, { limit: 10, after: null })).items).toMatchObject([{ requestId: request.id, accountId: 'acc-undecided' }]);
  });

  it('are seen for the tool\'s connector and for the person, and not by others or another site', async () => {
    const rulesOf = async (requester: string, toolKey: string, connectorId: string | null = null) =>
      (await product.uow.run(SITE, (tx) => product.deps.store.policyFacts(tx, { toolKey, roleKey: null, accountId: requester, connectorId }))).blocks.map(({ scope }) => scope);
    await product.sql("INSERT INTO connector (id, site_id, name, provider, public_config, sealed_config, status) SELECT 'con-old', site_id, 'old', provider, public_config, sealed_config, status FROM connector WHERE id = 'con'");
    await switches.execute('connector', 'con');
    await switches.execute('connector', 'con-old');
    await product.person().then(({ accountId }) => switches.execute('person', accountId));
    const [person] = await product.sql("SELECT key FROM access_block WHERE scope = 'person' AND ended_at IS NULL");
    expect(await rulesOf('acc-somebody', 'chatgpt-enterprise')).toEqual(['connector']);
    expect(await rulesOf('acc-somebody', 'chatgpt-enterprise', 'con-old')).toEqual(['connector', 'connector']);
    expect(await rulesOf(String(person?.['key']), 'claude-team')).toEqual(['person']);
    expect(await rulesOf('acc-somebody', 'claude-team')).toEqual([]);
    expect(await product.sql("SELECT DISTINCT site_id FROM access_block")).toEqual([{ site_id: SITE }]);
  });

  it('on a person are seen for each account of the identity, one mapped later included; a leaver\'s case is one account\'s own', async () => {
    const [named, other, stranger, late] = [await product.person(), await product.person(), await product.person(), { accountId: 'acc-mapped-later' }];
    const blocksOf = async ({ accountId }: { readonly accountId: string }): Promise<readonly string[]> =>
      (await product.uow.run(SITE, (tx) => product.deps.store.policyFacts(tx, { toolKey: 'claude-team', roleKey: null, accountId, connectorId: null }))).blocks.map(({ key, source }) => `${source} ${key}`);
    await product.alias(other.accountId, named.accountId);
    const { id } = await switches.execute('person', named.accountId);
    expect([await blocksOf(named), await blocksOf(other), await blocksOf(stranger), await blocksOf(late)]).toEqual([[`killSwitch ${named.accountId}`], [`killSwitch ${named.accountId}`], [], []]);
    await product.alias(late.accountId, named.accountId);
    expect(await blocksOf(late)).toEqual([`killSwitch ${named.accountId}`]);
    expect(await product.uow.run(SITE, (tx) => createRequest(product.deps.store, tx, { ...asked(late.accountId) }))).toMatchObject({ decision: 'denied', policy: { rules: [{ rule: 'access.kill_switch' }] } });
    bodyOf(await switches.commands.restore({ ...switches.context(), methodAndPath: 'POST restore' }, { id }));
    expect([await blocksOf(named), await blocksOf(other), await blocksOf(late)]).toEqual([[], [], []]);

    await product.sql("INSERT INTO mass_action (id, site_id, source, scope, key, reason, mode, status, requested_by, created_at) VALUES ('lvr-own', $1, 'leaver', 'person', $2, 'left', 'execute', 'done', 'test', now())", [SITE, named.accountId]);
    await product.sql("INSERT INTO access_block (id, site_id, mass_action_id, scope, key, reason, source, created_at) VALUES ('blk-own', $1, 'lvr-own', 'person', $2, 'left', 'leaver', now())", [SITE, named.accountId]);
    expect([await blocksOf(named), await blocksOf(other)]).toEqual([[`leaver ${named.accountId}`], []]);
  });
});
