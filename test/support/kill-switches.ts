import { randomUUID } from 'node:crypto';
import type { KillSwitchView } from '../../src/contracts/kill-switch.contract.js';
import { createKillSwitchCommands } from '../../src/application/mass-actions/kill-switch-commands.js';
import type { CommandContext, CommandOutcome } from '../../src/application/ports/api-commands.port.js';
import type { KillSwitchCommands } from '../../src/application/ports/kill-switch.port.js';
import { createMassActionEngine } from '../../src/engine/mass-action-engine.js';
import { PgKillSwitchQueries } from '../../src/persistence/read-models/kill-switch-read-model.js';
import { PgMassActionStore } from '../../src/persistence/stores/mass-action.store.js';
import { SITE, type TestProduct } from './product.js';
import { until } from './until.js';

/** Kill switches of a test product as an admin uses them. */
export interface KillSwitches {
  readonly commands: KillSwitchCommands;
  readonly queries: PgKillSwitchQueries;
  context(key?: string): CommandContext;
  execute(scope: 'tool' | 'connector' | 'person', key: string, reason?: string): Promise<KillSwitchView>;
  find(id: string): Promise<KillSwitchView>;
  done(id: string, timeoutMs?: number): Promise<KillSwitchView>;
  restored(id: string): Promise<KillSwitchView>;
}

export function killSwitchesOf(product: TestProduct): KillSwitches {
  const principal = { siteId: SITE, accountId: 'acc-admin', kind: 'person', roles: new Set(['requester', 'admin'] as const) } as const;
  const commands = createKillSwitchCommands({ uow: product.uow, commands: product.deps.commands, massActions: new PgMassActionStore(), engine: createMassActionEngine(product.client, 'governance'), log: () => undefined });
  const queries = new PgKillSwitchQueries(product.uow);
  const context = (key: string = randomUUID()): CommandContext => ({ principal, idempotencyKey: key, methodAndPath: 'POST /kill-switches', bodyHash: 'hash', correlationId: 'test' });
  const find = async (id: string): Promise<KillSwitchView> => {
    const found = await queries.find(principal, id);
    if (found === null) throw new Error(`there is no kill switch ${id}`);
    return found;
  };
  const seen = (id: string, what: (view: KillSwitchView) => boolean, timeoutMs: number): Promise<KillSwitchView> => until(`kill switch ${id} is there`, async () => {
    const view = await find(id);
    return what(view) ? view : undefined;
  }, { timeoutMs, everyMs: 100 });
  return {
    commands, queries, context, find,
    execute: async (scope, key, reason = 'incident 7') => bodyOf(await commands.create(context(), { scope, key, reason, mode: 'execute' })),
    done: (id, timeoutMs = 60_000) => seen(id, ({ status }) => status === 'done', timeoutMs),
    restored: (id) => seen(id, ({ restoreStatus }) => restoreStatus === 'done', 60_000),
  };
}

/** @throws Error with the code of a refusal */
export function bodyOf<T>(outcome: CommandOutcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.refusal.code);
  return outcome.body;
}
