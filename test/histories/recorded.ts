import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker, type ReplayResult } from '@temporalio/worker';
import { z } from 'zod';
import { EncryptingCodec, encryptingConverter } from '../../src/engine/payload-codec.js';
import { replayOptions } from '../support/replay.js';

/** The key of recorded payloads. Not a secret: its bytes say so, and no product is ever configured with it. */
export const RECORDING_KEY = Buffer.from('not secret: recorded for testing').toString('base64url');
const FOLDER = join(import.meta.dirname, 'recorded');

export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
const recordedShape = z.strictObject({
  /** Which life it was (lives.ts). */
  life: z.string(),
  workflowId: z.string(),
  /** Authenticated with each payload, so a replay needs it. */
  namespace: z.string(),
  history: z.looseObject({ events: z.array(z.looseObject({ eventType: z.string() })) }),
});
export type Recorded = z.infer<typeof recordedShape>;

/** As stored: without the name of the machine and of its processes, which the engine writes into events. */
export function asRecorded(life: string, workflowId: string, namespace: string, history: History): Recorded {
  const text = historyToJSON(history).replaceAll(/"identity": ?"[^"]*"/g, '"identity":"worker"').replaceAll(/"\d+@[^"]*"/g, '"sticky"');
  const parsed: unknown = JSON.parse(text);
  return recordedShape.parse({ life, workflowId, namespace, history: parsed });
}

export async function keep(name: string, recorded: Recorded): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  await writeFile(join(FOLDER, `${name}.json`), `${JSON.stringify(recorded, null, 1)}\n`);
}

export async function recordings(): Promise<readonly { readonly file: string; readonly text: string; readonly recorded: Recorded }[]> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.json')).sort();
  return Promise.all(files.map(async (file) => {
    const text = await readFile(join(FOLDER, file), 'utf8');
    return { file, text, recorded: recordedShape.parse(JSON.parse(text)) };
  }));
}

/** Runs recorded histories through the workflows as built now. An error in a result is what a worker would meet on that run after a deploy. */
export async function replay(all: readonly Recorded[]): Promise<readonly ReplayResult[]> {
  const results: ReplayResult[] = [];
  for (const { workflowId, namespace, history } of all) {
    const dataConverter = encryptingConverter(new EncryptingCodec([{ id: 'k1', key: RECORDING_KEY }], namespace));
    for await (const result of Worker.runReplayHistories(replayOptions(dataConverter), [{ workflowId, history }])) results.push(result);
  }
  return results;
}
