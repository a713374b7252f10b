import { randomUUID } from 'node:crypto';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { DatabaseUnavailable, type SiteTx, type UnitOfWork } from '../application/ports/unit-of-work.port.js';
import type { AuditDraft } from '../domain/audit/entry.js';
import { validateDraft } from '../domain/audit/entry.js';

/** Where domain time comes from when it is not Postgres: tests bind it to a time-skipping server. */
export type ClockOverride = () => Date | Promise<Date>;

/** What stores are handed: one transaction of one site. `query` is parameterised SQL; row-level security has the site set. */
export class PgSiteTx implements SiteTx {
  constructor(
    readonly siteId: string,
    readonly now: Date,
    readonly offsetMs: number,
    readonly manager: EntityManager,
  ) {}

  /** Rows of one statement; the caller's type is the statement's select list. */
  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const result: unknown = await this.manager.query(sql, [...parameters]);
    return rowsOf<Row>(result);
  }

  async audit(draft: Omit<AuditDraft, 'at'>): Promise<string> {
    const checked = validateDraft({ ...draft, at: this.now.toISOString() });
    if (!checked.ok) throw new Error(`audit draft ${draft.action} is not valid: ${checked.error.code} at ${checked.error.path}`);
    const eventId = randomUUID();
    await this.query('INSERT INTO audit_outbox (site_id, event_id, draft) VALUES ($1, $2, $3)', [this.siteId, eventId, JSON.stringify(checked.value)]);
    return eventId;
  }

  async rehearse<T>(work: () => Promise<T>): Promise<T> {
    await this.query('SAVEPOINT rehearsal');
    try {
      return await work();
    } finally {
      await this.query('ROLLBACK TO SAVEPOINT rehearsal');
    }
  }
}

/** TypeORM answers UPDATE and DELETE with [rows, count], everything else with rows. */
function rowsOf<Row>(result: unknown): Row[] {
  if (Array.isArray(result) && result.length === 2 && Array.isArray(result[0]) && typeof result[1] === 'number') return trusted<Row>(result[0]);
  return trusted<Row>(result);
}
// The database is the one source whose rows are trusted without parsing: migrations fix their shape and medium tests read every column.
// eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- the one cast between driver and record
const trusted = <Row>(rows: unknown): Row[] => rows as Row[];

export class PgUnitOfWork implements UnitOfWork<PgSiteTx> {
  constructor(
    private readonly dataSource: DataSource,
    private readonly options: { readonly statementTimeoutMs: number; readonly lockTimeoutMs: number; readonly clock?: ClockOverride } = { statementTimeoutMs: 4_000, lockTimeoutMs: 3_000 },
  ) {}

  async run<T>(siteId: string, work: (tx: PgSiteTx) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    try {
      const tx = await this.begin(runner, siteId);
      const value = await work(tx);
      await runner.query('COMMIT');
      return value;
    } catch (error) {
      await runner.query('ROLLBACK').catch(() => undefined); // the connection may be the thing that broke; releasing it below discards it
      throw asUnavailable(error);
    } finally {
      await runner.release().catch(() => undefined);
    }
  }

  private async begin(runner: QueryRunner, siteId: string): Promise<PgSiteTx> {
    await runner.query('BEGIN');
    const result: unknown = await runner.query(
      `SELECT set_config('aic.site_id', $1, true), set_config('statement_timeout', $2, true), set_config('lock_timeout', $3, true),
              domain_now() AS now, (SELECT offset_ms FROM clock_offset) AS offset_ms`,
      [siteId, String(this.options.statementTimeoutMs), String(this.options.lockTimeoutMs)],
    );
    const [row] = trusted<{ now: Date; offset_ms: string }>(result);
    if (!row) throw new DatabaseUnavailable('the database did not answer its own clock');
    const now = this.options.clock ? await this.options.clock() : row.now;
    return new PgSiteTx(siteId, now, Number(row.offset_ms), runner.manager);
  }
}

const AWAY = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH', '57P01', '57P02', '57P03', '08000', '08003', '08006', '08001', '53300', '55P03', '57014', '53100', '53200', '40P01', '40001']);
/** Connection-level and resource errors become {@link DatabaseUnavailable}; everything else stays what it is. */
export function asUnavailable(error: unknown): unknown {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : '';
  if ((code !== undefined && AWAY.has(code)) || /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|not queryable/.test(message)) {
    return new DatabaseUnavailable(`Postgres is away (${code ?? message})`, { cause: error });
  }
  return error;
}
function codeOf(error: unknown): string | undefined {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') return error.code;
  if (typeof error === 'object' && error !== null && 'driverError' in error) return codeOf(error.driverError);
  return undefined;
}
