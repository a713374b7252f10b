import type { DataSource, QueryRunner } from 'typeorm';
import type { RateBudgetStore } from '../../application/ports/rate-budget.port.js';
import { DatabaseUnavailable } from '../../application/ports/unit-of-work.port.js';
import type { BudgetState } from '../../domain/budget/rate-budget.js';
import { asUnavailable } from '../unit-of-work.js';

/** A caller waits to call a provider: longer than this it does better by itself. Milliseconds. */
const PATIENCE_MS = 1_000;

interface Row { readonly tokens: number; readonly as_of_ms: number; readonly windows: BudgetState['windows']; readonly pauses: BudgetState['pauses']; readonly now_ms: number }

const NOW_MS = '(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now_ms';

/** Budgets in the core's own table, on Postgres' clock; one tenant's changes follow each other by its row's lock. */
export function createRateBudgetStore(dataSource: DataSource): RateBudgetStore {
  return {
    change: (tenant, change) => withPatience(inTransaction(dataSource, async (runner) => {
      const row = await lockRow(runner, tenant);
      const { state, answer } = change(row.as_of_ms < 0 ? null : { tokens: row.tokens, asOfMs: row.as_of_ms, windows: row.windows, pauses: row.pauses }, row.now_ms);
      await runner.query('UPDATE provider_budget SET tokens = $2, as_of_ms = $3, windows = $4, pauses = $5 WHERE tenant = $1', [tenant, state.tokens, state.asOfMs, JSON.stringify(state.windows), JSON.stringify(state.pauses)]);
      return answer;
    })),
  };
}

/** A row that was never used says so by a time before all times: inserting it first lets two first callers meet at its lock. */
async function lockRow(runner: QueryRunner, tenant: string): Promise<Row> {
  const select = (): Promise<Row[]> => runner.query(`SELECT tokens, as_of_ms, windows, pauses, ${NOW_MS} FROM provider_budget WHERE tenant = $1 FOR UPDATE`, [tenant]);
  const [known] = await select();
  if (known !== undefined) return known;
  await runner.query("INSERT INTO provider_budget (tenant, tokens, as_of_ms, windows, pauses) VALUES ($1, 0, -1, '{}', '{}') ON CONFLICT (tenant) DO NOTHING", [tenant]);
  const [fresh] = await select();
  if (fresh === undefined) throw new DatabaseUnavailable('the row of a budget vanished');
  return fresh;
}

async function inTransaction<T>(dataSource: DataSource, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query(`BEGIN; SET LOCAL lock_timeout = ${PATIENCE_MS}; SET LOCAL statement_timeout = ${PATIENCE_MS}`);
    const answer = await work(runner);
    await runner.query('COMMIT');
    return answer;
  } catch (error) {
    await runner.query('ROLLBACK').catch(() => undefined); // the connection may be the thing that broke
    throw asUnavailable(error);
  } finally {
    await runner.release().catch(() => undefined);
  }
}

/** What comes later than this is let go: at worst a call is counted that was not made. */
async function withPatience<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DatabaseUnavailable('Postgres did not answer for a budget in time')), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
