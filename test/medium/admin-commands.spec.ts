import { done, refuse } from '../../src/application/commands/outcome.js';
import { recordWorkflowCommand, runCommand, type Operation } from '../../src/application/commands/run-command.js';
import type { CommandOutcome } from '../../src/application/ports/api-commands.port.js';
import type { SiteTx } from '../../src/application/ports/unit-of-work.port.js';
import { PgCommandStore } from '../../src/persistence/stores/command.store.js';
import { context, Fixture, OTHER_SITE, person } from './admin-fixture.js';

const answer = { parse: (value: unknown): number => (typeof value === 'number' ? value : Number.NaN) };
const operation: Operation<number> = { name: 'thing.count', answer };

describe('commands', () => {
  let fixture: Fixture;
  beforeAll(async () => { fixture = await Fixture.start(); });
  afterAll(() => fixture.stop());

  const commands = new PgCommandStore();
  const counter = (): { readonly work: (tx: SiteTx) => Promise<CommandOutcome<number>>; runs: number } => {
    const self = { runs: 0, work: (): Promise<CommandOutcome<number>> => { self.runs += 1; return Promise.resolve(done(201, self.runs)); } };
    return self;
  };
  const run = (at: ReturnType<typeof context>, work: (tx: SiteTx) => Promise<CommandOutcome<number>>): Promise<CommandOutcome<number>> => runCommand({ uow: fixture.uow, commands }, at, operation, work);

  it('does the work once per key and gives the same answer to a repeat', async () => {
    const [at, count] = [context(), counter()];
    expect(await run(at, count.work)).toEqual({ ok: true, status: 201, body: 1 });
    expect(await run(at, count.work)).toEqual({ ok: true, status: 201, body: 1 });
    expect(count.runs).toBe(1);
  });

  it('does the work once when the same key comes many times at once', async () => {
    const [at, count] = [context(), counter()];
    const answers = await Promise.all(Array.from({ length: 8 }, () => run(at, count.work)));
    expect(new Set(answers.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
    expect(count.runs).toBe(1);
  });

  it('refuses another body under the same key', async () => {
    const [key, count] = [context().idempotencyKey, counter()];
    await run(context({ key, body: { a: 1 } }), count.work);
    expect(await run(context({ key, body: { a: 2 } }), count.work)).toMatchObject({ ok: false, refusal: { code: 'idempotency.key_reused' } });
    expect(count.runs).toBe(1);
  });

  it.each([
    ['actor', { principal: person('somebody-else') }],
    ['path', { path: 'POST /api/v1/other-things' }],
    ['site', { principal: person('admin-1', ['admin'], OTHER_SITE) }],
  ])('keeps the keys of another %s apart', async (_what, elsewhere) => {
    const [key, count] = [context().idempotencyKey, counter()];
    await run(context({ key }), count.work);
    expect(await run(context({ key, ...elsewhere }), count.work)).toMatchObject({ ok: true, body: 2 });
  });

  it('runs every command that came without a key', async () => {
    const count = counter();
    await run(context({ key: null }), count.work);
    await run(context({ key: null }), count.work);
    expect(count.runs).toBe(2);
  });

  it('stores a refusal, repeats it, and leaves one audit event of the attempt', async () => {
    const [at, before] = [context(), await fixture.auditActions()];
    const refused = (): Promise<CommandOutcome<number>> => Promise.resolve(refuse('tool.key_taken', 'There is a tool of this key'));
    expect(await run(at, refused)).toMatchObject({ ok: false, refusal: { code: 'tool.key_taken' } });
    expect(await run(at, counter().work)).toMatchObject({ ok: false, refusal: { code: 'tool.key_taken', detail: 'There is a tool of this key' } });
    expect((await fixture.auditActions()).slice(before.length)).toEqual(['command.refused']);
  });

  it('keeps nothing of work that failed, so that the caller may repeat it', async () => {
    const [at, count] = [context(), counter()];
    await expect(run(at, () => Promise.reject(new Error('a fault')))).rejects.toThrow('a fault');
    expect(await run(at, count.work)).toMatchObject({ ok: true, body: 1 });
  });

  it('records a workflow command once and hands back its stored result', async () => {
    const at = context();
    const record = (item: string): ReturnType<typeof recordWorkflowCommand> => fixture.uow.run('acme', (tx) => recordWorkflowCommand({ commands }, tx, at, { operation: 'decide', requestId: 'r-1', payload: { decision: 'approve' }, item }));
    const [first, again, other] = [await record('r-1'), await record('r-1'), await record('r-2')];
    expect(first).toMatchObject({ ok: true, stored: null });
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    if (!first.ok) throw new Error('refused');
    await fixture.uow.run('acme', (tx) => commands.storeResult(tx, first.commandId, 200, { decision: 'approved' }));
    expect(await record('r-1')).toEqual({ ok: true, commandId: first.commandId, stored: { status: 200, body: { decision: 'approved' } } });
  });
});
