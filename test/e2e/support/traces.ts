import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { z } from 'zod';
import { SUPERUSER } from '../../../src/stack/postgres-cluster.js';
import type { World } from './world.js';

/** Something that the product leaves behind, as one text; `name` says where a find was made. */
export interface Trace {
  readonly name: string;
  readonly text: string;
}

/** All logs, every row of every table, every history as the engine stores it, the engine's own file, the tickets and the metrics. */
export async function tracesOf(world: World): Promise<readonly Trace[]> {
  const { dataDir } = world.inside;
  return [
    ...(await filesOf(join(dataDir, 'logs'), /\.log/)), ...(await filesOf(dataDir, /^temporal\.db/)), ...(await tablesOf(world)), ...(await historiesOf(world)),
    { name: 'tickets', text: JSON.stringify(await world.jira.send('GET', 'state')) },
    { name: 'metrics', text: await (await fetch(new URL('/metrics', world.apiUrl))).text() },
  ];
}

/** Where each of the secrets is found; also the forms in which a header or a payload would carry it. */
export function findIn(traces: readonly Trace[], secrets: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(secrets).flatMap(([what, secret]) => {
    const forms = [secret, Buffer.from(secret).toString('base64').replace(/=+$/, ''), Buffer.from(secret).toString('base64url'), encodeURIComponent(secret)];
    return traces.filter(({ text }) => forms.some((form) => text.includes(form))).map(({ name }) => `${what} in ${name}`);
  });
}

async function filesOf(folder: string, pattern: RegExp): Promise<readonly Trace[]> {
  const names = (await readdir(folder)).filter((name) => pattern.test(name));
  return Promise.all(names.map(async (name) => ({ name: `file ${name}`, text: await readFile(join(folder, name), 'latin1') })));
}

async function tablesOf({ inside }: World): Promise<readonly Trace[]> {
  const { postgresSuperuser } = z.looseObject({ postgresSuperuser: z.string() }).parse(JSON.parse(await readFile(join(inside.dataDir, 'secrets.json'), 'utf8')));
  const client = new pg.Client({ connectionString: `postgresql://${SUPERUSER}:${postgresSuperuser}@${inside.databaseAddress}` });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>("SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')");
    const traces: Trace[] = [];
    for (const { name } of rows) traces.push({ name: `table ${name}`, text: JSON.stringify((await client.query(`SELECT t::text FROM ${name} t`)).rows) });
    return traces;
  } finally {
    await client.end();
  }
}

/** As any reader without the payload keys sees them. */
async function historiesOf({ info }: World): Promise<readonly Trace[]> {
  const connection = await Connection.connect({ address: info.temporal.address });
  try {
    const { workflow } = new Client({ connection, namespace: info.temporal.namespace });
    const traces: Trace[] = [];
    for await (const { workflowId, runId, type } of workflow.list()) {
      const history = await workflow.getHandle(workflowId, runId).fetchHistory();
      traces.push({ name: `history ${type} ${workflowId}`, text: [...textsIn(history)].join('\n') });
    }
    return traces;
  } finally {
    await connection.close();
  }
}

function* textsIn(value: unknown): Iterable<string> {
  if (typeof value === 'string') yield value;
  else if (value instanceof Uint8Array) yield Buffer.from(value).toString('latin1');
  else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) yield* textsIn(inner);
}
