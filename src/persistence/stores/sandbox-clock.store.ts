import type { DataSource } from 'typeorm';

/** Moves domain time forward, never back (API.md, sandbox). Returns the domain time afterwards. */
export async function advanceClock(dataSource: DataSource, milliseconds: number): Promise<Date> {
  await dataSource.query('UPDATE clock_offset SET offset_ms = offset_ms + greatest(0, $1::bigint)', [Math.round(milliseconds)]);
  const rows: { now: Date }[] = await dataSource.query('SELECT domain_now() AS now');
  return rows[0]?.now ?? new Date();
}
