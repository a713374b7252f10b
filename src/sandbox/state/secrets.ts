import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';

/**
 * Values drawn once per data directory and kept beside the state (file mode 600). Without a directory they last as long
 * as the process.
 * @throws when the kept file does not fit the schema.
 */
export function keptOnce<T>(dataDir: string | undefined, name: string, schema: z.ZodType<T>, draw: () => T): T {
  if (dataDir === undefined) return draw();
  const file = join(dataDir, name);
  if (existsSync(file)) return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  mkdirSync(dataDir, { recursive: true });
  const value = draw();
  writeFileSync(file, JSON.stringify(value), { mode: 0o600 });
  return value;
}
