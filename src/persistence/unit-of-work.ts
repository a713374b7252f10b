import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { DatabaseUnavailable, type SiteTx, type UnitOfWork } from '../application/ports/unit-of-work.port.js';
import type { AuditDraft } from '../domain/audit/entry.js';
import { validateDraft } from '../domain/audit/entry.js';

/** Where domain time comes from when it is not Postgres: tests bind it to a time-skipping server. */
export type ClockOverride = () => Date | Promise<Date>;

/** What stores are handed: one transaction of one site. Row-level security has the site set. Statements that are sent without waiting are carried out in that order. */
export class PgSiteTx implements SiteTx {
  private drafts: { readonly eventId: string; readonly draft: string }[] = [];

  constructor(
    readonly siteId: string,
    private at: Date,
    readonly offsetMs: number,
    private readonly client: Client,
    private readonly clock: ClockOverride | undefined,
  ) {}

  get now(): Date { return this.at; }

  /** Looks at the clock again: sent right behind a lock, whose wait would otherwise leave a decision up to the lock's time-out in the past. */
  async readClock(): Promise<void> {
    const [row] = await this.keyed<{ now: Date }>('SELECT domain_now() AS now');
    if (row === undefined) throw new DatabaseUnavailable('the database did not answer its own clock');
    this.at = this.clock === undefined ? row.now : await this.clock();
  }

  /** Rows of one parameterised statement, planned for these parameters; the caller's type is the statement's select list. */
  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return trusted<Row>((await this.client.query(sql, [...parameters])).rows);
  }
  /** The same for a statement that finds its rows by key: parsed and planned once a connection, which is most of what such a statement costs (docs/performance.md). */
  async keyed<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return trusted<Row>((await this.client.query({ name: statementName(sql), text: sql, values: [...parameters] })).rows);
  }

  /** Kept until the end of the transaction, where one statement writes all of them. */
  audit(draft: Omit<AuditDraft, 'at'>): Promise<string> {
    const checked = validateDraft({ ...draft, at: this.now.toISOString() });
    if (!checked.ok) throw new Error(`audit draft ${draft.action} is not valid: ${checked.error.code} at ${checked.error.path}`);
    const eventId = randomUUID();
    this.drafts.push({ eventId, draft: JSON.stringify(checked.value) });
    return Promise.resolve(eventId);
  }

  async rehearse<T>(work: () => Promise<T>): Promise<T> {
    await this.query('SAVEPOINT rehearsal');
    const before = [...this.drafts];
    try {
      return await work();
    } finally {
      this.drafts = before;
      await this.query('ROLLBACK TO SAVEPOINT rehearsal');
    }
  }

  async commit(): Promise<void> {
    const written = this.drafts.length === 0 ? undefined : this.keyed(WRITE_DRAFTS, [this.siteId, this.drafts.map((one) => one.eventId), this.drafts.map((one) => one.draft)]);
    await Promise.all([written, committed(this.client)]);
  }
}

/** In the order in which they happened: the sealer follows the ids. */
const WRITE_DRAFTS = 'INSERT INTO audit_outbox (site_id, event_id, draft) SELECT $1, event_id, draft FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS drafts (event_id, draft, place) ORDER BY place';
/** @throws Error when Postgres rolled back instead, because a statement before it failed */
async function committed(client: Client): Promise<void> {
  const { command } = await client.query('COMMIT');
  if (command !== 'COMMIT') throw new Error(`the transaction ended with ${command}`);
}

const names = new Map<string, string>();
/** One name for one text on every connection. The texts are the code's own; patches make one for each set of columns that is written together. */
function statementName(sql: string): string {
  const name = names.get(sql) ?? `aic_${names.size}`;
  names.set(sql, name);
  return name;
}
// The database is the one source whose rows are trusted without parsing: migrations fix their shape and medium tests read every column.
// eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- the one cast between driver and record
const trusted = <Row>(rows: unknown): Row[] => rows as Row[];

export class PgUnitOfWork implements UnitOfWork<PgSiteTx> {
  constructor(
    private readonly dataSource: DataSource,
    private readonly options: { readonly statementTimeoutMs: number; readonly lockTimeoutMs: number; readonly clock?: ClockOverride } = { statementTimeoutMs: 4_000, lockTimeoutMs: 3_000 },
  ) {}

  run<T>(siteId: string, work: (tx: PgSiteTx) => Promise<T>): Promise<T> {
    return this.onConnection(async (client) => {
      const tx = await this.begin(client, siteId);
      const value = await work(tx);
      await tx.commit();
      return value;
    });
  }

  /** A transaction of one statement, sent at once: one round trip instead of four. */
  single<Row>(siteId: string, sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    return this.onConnection(async (client) => {
      const [, rows] = await Promise.all([this.open(client, siteId), client.query({ name: statementName(sql), text: sql, values: [...parameters] }), committed(client)]);
      return trusted<Row>(rows.rows);
    });
  }

  private async onConnection<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    let client: Client | undefined;
    try {
      client = await connect(runner);
      return await work(client);
    } catch (error) {
      await client?.query('ROLLBACK').catch(() => undefined); // the connection may be the thing that broke; releasing it below discards it
      if (codeOf(error) === STALE_PLAN) await client?.end().catch(() => undefined); // a migration changed a table under its plans; the pool drops what has ended
      throw asUnavailable(error);
    } finally {
      await runner.release().catch(() => undefined);
    }
  }

  private async begin(client: Client, siteId: string): Promise<PgSiteTx> {
    const [row] = await this.open(client, siteId);
    if (!row) throw new DatabaseUnavailable('the database did not answer its own clock');
    const now = this.options.clock ? await this.options.clock() : row.now;
    return new PgSiteTx(siteId, now, Number(row.offset_ms), client, this.options.clock);
  }
  private async open(client: Client, siteId: string): Promise<{ now: Date; offset_ms: string }[]> {
    const [, { rows }] = await Promise.all([
      client.query('BEGIN'),
      client.query({ name: 'aic_begin', text: BEGIN_SITE, values: [siteId, String(this.options.statementTimeoutMs), String(this.options.lockTimeoutMs)] }),
    ]);
    return trusted(rows);
  }
}

const BEGIN_SITE = `SELECT set_config('aic.site_id', $1, true), set_config('statement_timeout', $2, true), set_config('lock_timeout', $3, true),
  domain_now() AS now, (SELECT offset_ms FROM clock_offset) AS offset_ms`;
/** feature_not_supported: "cached plan must not change result type". */
const STALE_PLAN = '0A000';

/** The driver's own connection: TypeORM's pool keeps it, its query runner would only add work to each statement. */
async function connect(runner: QueryRunner): Promise<Client> {
  const connection: unknown = await runner.connect();
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- TypeORM types its driver's connection as any
  return connection as Client;
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
