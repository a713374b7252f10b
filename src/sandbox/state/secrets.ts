import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';

/** @throws when the file is there and does not fit the schema. */
export function readKept<T>(dataDir: string | undefined, name: string, schema: z.ZodType<T>): T | undefined {
  if (dataDir === undefined) return undefined;
  const file = join(dataDir, name);
  return existsSync(file) ? schema.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

/** Replaces the file in one step, so that a death in between leaves the old one; readable by the owner only. */
export function writeKept(dataDir: string | undefined, name: string, value: unknown): void {
  if (dataDir === undefined) return;
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, name);
  writeFileSync(`${file}.next`, JSON.stringify(value), { mode: 0o600 });
  renameSync(`${file}.next`, file);
}

/** Values drawn once per data directory and kept beside the state. Without a directory they last as long as the process. */
export function keptOnce<T>(dataDir: string | undefined, name: string, schema: z.ZodType<T>, draw: () => T): T {
  const kept = readKept(dataDir, name, schema);
  if (kept !== undefined) return kept;
  const value = draw();
  writeKept(dataDir, name, value);
  return value;
}
