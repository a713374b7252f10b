import pg from 'pg';
import type { MacKeyRing } from './hashing.js';
import { FencedSealer, sealBatch, type BatchDone, type BatchScope, type HeldHeads } from './seal-batch.js';
import { Pause } from './pause.js';

export interface SealerLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
export interface SealerOptions {
  /** Where to connect as the sealer's role, or a maker of clients that are not connected yet. */
  readonly connection: string | (() => pg.Client);
  readonly keyRing: MacKeyRing;
  /** Which part of the sites; all sealers of a database must agree on `of`. Default: one sealer for all. */
  readonly shard?: { readonly index: number; readonly of: number };
  /** How long an empty outbox is left alone (default 100 ms); a standby asks for the lock as seldom as ten times that. */
  readonly pollMs?: number;
  /** How long rows may gather after a batch that was not full (default 10 ms): a transaction for each row would cost the writers their speed. */
  readonly gatherMs?: number;
  /** Rows a transaction (default 1000). */
  readonly batchSize?: number;
  /** The longest pause between two attempts to connect (default 5 s). */
  readonly maxBackoffMs?: number;
  readonly log?: SealerLog;
  /** Each failure, once: lost connection, fenced by another sealer, a site that can't be sealed. The sealer goes on. */
  readonly onError?: (error: unknown) => void;
  readonly onSealed?: (batch: BatchDone) => void;
}
/** `standby`: another sealer holds the shard's lock. */
export type SealerState = 'stopped' | 'connecting' | 'standby' | 'leading';
export interface SealerStatus {
  readonly state: SealerState;
  /** Entries sealed since start. */
  readonly sealed: number;
  /** Sites whose last batch failed; they are tried again each minute. */
  readonly blockedSites: readonly string[];
}

/** A site could not be sealed, for example because its head or its rows were tampered with; the other sites go on. */
export class SiteNotSealed extends Error {
  override readonly name = 'SiteNotSealed';
  constructor(readonly site: string, options: ErrorOptions) {
    super(`The audit trail of site ${site} could not be sealed.`, options);
  }
}

/** First half of the advisory lock's key: `AICS`. The second is the shard's index. */
const LOCK_CLASS = 0x41494353;
const BLOCKED_MS = 60_000;
const SESSION = `SET statement_timeout = '30s'; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '30s'; SET synchronous_commit = on; SET TIME ZONE 'UTC'`;

/** Chains what business transactions left in the outbox (DESIGN, audit). One leads a shard of sites; others stand by. */
export class Sealer {
  private readonly heads: HeldHeads = new Map();
  private readonly blocked = new Map<string, number>();
  private readonly pause = new Pause();
  /** Between attempts to connect or to lead, and while rows gather: a nudge must not shorten these. */
  private readonly rest = new Pause();
  private idleWaiters: { resolve: () => void; reject: (error: Error) => void }[] = [];
  private state: SealerState = 'stopped';
  private stopping = false;
  private sealed = 0;
  private failures = 0;
  private running: Promise<void> | null = null;

  constructor(private readonly options: SealerOptions) {}

  /** Returns at once; connecting and leading happen in the background. */
  start(): void {
    if (this.running !== null) return;
    this.stopping = false;
    this.running = this.run();
  }

  /** Finishes the batch under way, gives the lock back and closes the connection. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.pause.wake();
    this.rest.wake();
    await this.running;
    this.running = null;
    for (const waiter of this.idleWaiters.splice(0)) waiter.reject(new Error('The sealer was stopped.'));
  }

  /** Looks into the outbox at once: something was committed. */
  nudge(): void {
    this.pause.wake();
  }

  status(): SealerStatus {
    return { state: this.state, sealed: this.sealed, blockedSites: [...this.blocked.keys()] };
  }

  /** Resolves once a look into the outbox that began after this call found nothing to seal. @throws Error when the sealer is stopped first. */
  whenIdle(): Promise<void> {
    const idle = new Promise<void>((resolve, reject) => this.idleWaiters.push({ resolve, reject }));
    this.nudge();
    return idle;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      this.state = 'connecting';
      try {
        await this.session();
      } catch (error) {
        this.report(error);
        const longest = Math.min(this.options.maxBackoffMs ?? 5_000, 100 * 2 ** Math.min(this.failures++, 10));
        if (!this.isStopping()) await this.rest.forMs(longest * (0.5 + Math.random() / 2));
      }
    }
    this.state = 'stopped';
  }

  /** One connection, from connect to loss or stop. The lock is the session's: it ends with the connection. */
  private async session(): Promise<void> {
    const client = this.connect();
    // A connection lost between two queries is an event; the next query then fails and ends the session.
    client.on('error', () => this.pause.wake());
    try {
      await client.connect();
      await client.query(SESSION);
      while (!this.isStopping() && !(await this.takeLock(client))) {
        this.state = 'standby';
        await this.rest.forMs(this.pollMs * 10);
      }
      if (!this.isStopping()) await this.lead(client);
    } finally {
      this.heads.clear();
      await endWithin(client, 2_000);
    }
  }

  private async lead(client: pg.Client): Promise<void> {
    this.state = 'leading';
    this.failures = 0;
    this.options.log?.info({ shard: this.shard.index }, 'audit sealer leads its shard');
    while (!this.isStopping()) {
      const waiters = this.idleWaiters.splice(0);
      const done = await this.pass(client).finally(() => this.idleWaiters.push(...waiters));
      if (done > 0) {
        if (done < this.batchSize) await this.rest.forMs(this.options.gatherMs ?? 10);
        continue;
      }
      this.idleWaiters = this.idleWaiters.filter((waiter) => !waiters.includes(waiter));
      for (const waiter of waiters) waiter.resolve();
      await this.pause.forMs(this.pollMs);
    }
  }

  /** How many rows were sealed. A fault of the data, not of the connection, is narrowed down to its sites. */
  private async pass(client: pg.Client): Promise<number> {
    for (const [site, until] of this.blocked) if (until <= Date.now()) this.blocked.delete(site);
    try {
      return await this.seal(client, {});
    } catch (error) {
      if (!isDataFault(error)) throw error;
      return await this.sealEachSite(client);
    }
  }

  private async sealEachSite(client: pg.Client): Promise<number> {
    const { rows } = await client.query<{ site_id: string }>('SELECT DISTINCT site_id FROM audit_outbox WHERE site_id <> ALL ($1::text[]) ORDER BY site_id', [[...this.blocked.keys()]]);
    let taken = 0;
    for (const { site_id: site } of rows) {
      try {
        taken += await this.seal(client, { only: site });
      } catch (error) {
        if (!isDataFault(error)) throw error;
        this.blocked.set(site, Date.now() + BLOCKED_MS);
        this.report(new SiteNotSealed(site, { cause: error }));
      }
    }
    return taken;
  }

  private async seal(client: pg.Client, only: Pick<BatchScope, 'only'>): Promise<number> {
    const scope: BatchScope = { limit: this.batchSize, shard: this.shard, without: [...this.blocked.keys()], ...only };
    const done = await sealBatch(client, this.options.keyRing, this.heads, scope, Date.now);
    if (done.taken > 0) {
      this.sealed += done.taken;
      this.options.onSealed?.(done);
    }
    return done.taken;
  }

  private async takeLock(client: pg.Client): Promise<boolean> {
    const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1::int, $2::int) AS held', [LOCK_CLASS, this.shard.index]);
    return rows[0]?.held === true;
  }

  private connect(): pg.Client {
    const { connection } = this.options;
    if (typeof connection !== 'string') return connection();
    return new pg.Client({ connectionString: connection, application_name: 'aiclearance-sealer', keepAlive: true, connectionTimeoutMillis: 10_000, query_timeout: 60_000 });
  }

  private report(error: unknown): void {
    this.options.log?.warn({ err: error, fenced: error instanceof FencedSealer }, 'audit sealer met a fault and goes on');
    this.options.onError?.(error);
  }

  /** A call, so that the compiler does not take the flag for constant across an await. */
  private isStopping(): boolean {
    return this.stopping;
  }

  private get batchSize(): number {
    return this.options.batchSize ?? 1_000;
  }

  private get pollMs(): number {
    return this.options.pollMs ?? 100;
  }

  private get shard(): { readonly index: number; readonly of: number } {
    return this.options.shard ?? { index: 0, of: 1 };
  }
}

/** A connection that hangs half-open never ends by itself; its session settings end it on the server. */
async function endWithin(client: pg.Client, ms: number): Promise<void> {
  const limit = new Pause();
  await Promise.race([client.end().catch(() => undefined).finally(() => limit.wake()), limit.forMs(ms)]);
}

/** SQLSTATE classes 22 (data) and 23 (integrity): trying the same rows again can't help, and other sites are not at fault. */
function isDataFault(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^2[23]...$/.test(error.code);
}
