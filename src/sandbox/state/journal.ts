import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { z } from 'zod';

/**
 * Append-only file of JSON lines. An append is handed to the operating system before it returns, so what was answered
 * survives the death of the process (kill -9); it is not synced to the disk, so a power cut may cost the last lines.
 */
export interface Journal<E> {
  append(event: E): void;
  /** Replaces the whole file by these events; a crash in between leaves the old file. */
  rewrite(events: Iterable<E>): void;
  close(): void;
}

class FileJournal<E> implements Journal<E> {
  private fd: number;

  constructor(private readonly file: string) {
    this.fd = openSync(file, 'a', 0o600);
  }

  append(event: E): void {
    writeSync(this.fd, `${JSON.stringify(event)}\n`);
  }

  rewrite(events: Iterable<E>): void {
    const lines: string[] = [];
    for (const event of events) lines.push(`${JSON.stringify(event)}\n`);
    const next = `${this.file}.next`;
    writeFileSync(next, lines.join(''), { mode: 0o600 });
    closeSync(this.fd);
    renameSync(next, this.file);
    this.fd = openSync(this.file, 'a', 0o600);
  }

  close(): void {
    closeSync(this.fd);
  }
}

const forgetful: Journal<unknown> = {
  append: () => undefined,
  rewrite: () => undefined,
  close: () => undefined,
};

/**
 * Opens a journal and returns what it holds. Without a file nothing is kept.
 * A torn last line (the process died inside the write) is dropped: its call was never answered.
 * @throws when any other line does not fit the schema.
 */
export function openJournal<E>(file: string | undefined, schema: z.ZodType<E>): { journal: Journal<E>; events: E[] } {
  if (file === undefined) return { journal: forgetful, events: [] };
  mkdirSync(dirname(file), { recursive: true });
  const events = existsSync(file) ? readLines(file, schema) : [];
  return { journal: new FileJournal<E>(file), events };
}

function readLines<E>(file: string, schema: z.ZodType<E>): E[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  // A complete file ends in a newline, so the last piece is empty; whatever else stands there is the torn line.
  lines.pop();
  return lines.filter((line) => line !== '').map((line) => schema.parse(JSON.parse(line)));
}
