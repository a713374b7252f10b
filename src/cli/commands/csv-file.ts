import { open } from 'node:fs/promises';
import { z } from 'zod';
import { CliProblem } from '../cli-problem.js';
import { EXIT } from '../exit-codes.js';

const unreadable = z.object({ code: z.enum(['ENOENT', 'EACCES', 'EPERM', 'EISDIR', 'ENOTDIR', 'EMFILE', 'ENFILE', 'ELOOP', 'ENAMETOOLONG']) });
const REASONS: Readonly<Record<string, string>> = { ENOENT: 'there is no such file', EACCES: 'it may not be read', EPERM: 'it may not be read', EISDIR: 'it is a folder' };

export interface CsvFile { readonly bytes: AsyncIterable<Uint8Array>; close(): Promise<void> }

/** A file to send, opened before anything is said to the API. @throws CliProblem with exit code 2 when it can't be read */
export async function csvFile(path: string): Promise<CsvFile> {
  const handle = await opened(path);
  return { bytes: handle.createReadStream({ autoClose: false }), close: () => handle.close() };
}

async function opened(path: string): ReturnType<typeof open> {
  try {
    const handle = await open(path, 'r');
    // A folder opens well, and fails at its first read.
    if (!(await handle.stat()).isDirectory()) return handle;
    await handle.close();
    throw cannotRead(path, 'EISDIR');
  } catch (error) {
    const known = unreadable.safeParse(error);
    if (!known.success) throw error;
    throw cannotRead(path, known.data.code, error);
  }
}
const cannotRead = (path: string, code: string, cause?: unknown): CliProblem => CliProblem.of(EXIT.usage, 'cli.usage', `${path} can't be read: ${REASONS[code] ?? code}.`, 'Name a CSV file with the header accountId,provider,externalLogin.', { cause });
