import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemErrorCode } from './stack-error.js';

const MAX_BYTES = 20 * 1024 * 1024;

/**
 * One log file of one process. What an earlier run wrote moves to `<path>.1` when it is opened, and so does a file that
 * has grown beyond 20 MB: two files at most. A full disk loses lines, never the process.
 */
export class LogFile {
  #handle: number;
  #bytes = 0;

  constructor(readonly path: string) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#handle = this.#open();
  }

  write(line: string): void {
    try {
      this.#bytes += writeSync(this.#handle, `${line}\n`);
      if (this.#bytes < MAX_BYTES) return;
      closeSync(this.#handle);
      this.#handle = this.#open();
    } catch (error) {
      if (systemErrorCode(error) === undefined) throw error;
    }
  }

  close(): void {
    closeSync(this.#handle);
  }

  #open(): number {
    try {
      renameSync(this.path, `${this.path}.1`);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
    }
    const handle = openSync(this.path, 'a', 0o600);
    this.#bytes = fstatSync(handle).size;
    return handle;
  }
}
