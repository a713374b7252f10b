import type { DataSource } from 'typeorm';
import type { WorkersSeen } from '../../application/ports/api-queries.port.js';

export type WorkerKind = 'governance' | 'core';
/** How often a worker says that it works, and after how long without a word it counts as gone. Milliseconds. */
export const HEARTBEAT_MS = 5_000;
const GONE_AFTER_MS = 20_000;
/** Rows of processes that were killed are swept by the others of their kind. Milliseconds. */
const FORGOTTEN_AFTER_MS = 86_400_000;

export interface Heartbeat {
  /** `polls`: whether the process's Temporal worker runs. */
  beat(polls: boolean): Promise<void>;
  /** A worker that ended in order is gone at once. */
  end(): Promise<void>;
}

/** A worker's own row; in Postgres, so that it tells the truth while the engine is away. */
export const createHeartbeat = (dataSource: DataSource, kind: WorkerKind, id: string): Heartbeat => ({
  async beat(polls) {
    await dataSource.query(
      `WITH swept AS (DELETE FROM worker_heartbeat WHERE kind = $2 AND id <> $1 AND seen_at < clock_timestamp() - make_interval(secs => $4::float8 / 1000))
       INSERT INTO worker_heartbeat (id, kind, polls) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET polls = excluded.polls, seen_at = clock_timestamp()`,
      [id, kind, polls, FORGOTTEN_AFTER_MS],
    );
  },
  async end() {
    await dataSource.query('DELETE FROM worker_heartbeat WHERE id = $1', [id]);
  },
});

/** Real time, not domain time: a process is alive or not, whatever the sandbox's clock says. */
export async function seenWorkers(dataSource: DataSource): Promise<WorkersSeen> {
  const rows: { kind: WorkerKind; alive: number; polling: number }[] = await dataSource.query(
    `SELECT kind, count(*)::int AS alive, (count(*) FILTER (WHERE polls))::int AS polling FROM worker_heartbeat WHERE seen_at > clock_timestamp() - make_interval(secs => $1::float8 / 1000) GROUP BY kind`,
    [GONE_AFTER_MS],
  );
  const of = (kind: WorkerKind): { readonly alive: number; readonly polling: number } => {
    const { alive, polling } = rows.find((row) => row.kind === kind) ?? { alive: 0, polling: 0 };
    return { alive, polling };
  };
  return { governance: of('governance'), core: of('core') };
}
