import { types } from 'node:util';

/**
 * Something outside the product keeps the stack from starting: a taken port, a full disk, another run.
 * `message` says what is wrong in one sentence, `whatToDo` what the reader can do about it.
 */
export class StackError extends Error {
  constructor(
    message: string,
    readonly whatToDo: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'StackError';
  }
}

/** The code of a system error (`ENOENT`, `EACCES` …), or undefined for anything else. */
export function systemErrorCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Turns the file system's refusals into sentences; any other error is passed through. */
export function explainFileError(error: unknown, path: string): Error {
  const code = systemErrorCode(error) ?? '';
  if (['ENOSPC', 'EDQUOT'].includes(code)) return diskFull(path, { cause: error });
  if (['EACCES', 'EPERM', 'EROFS'].includes(code)) {
    return new StackError(`This user may not read and write ${path}.`, 'Give it access, or choose another folder with --data DIR.', { cause: error });
  }
  return types.isNativeError(error) ? error : new Error(String(error));
}

export function diskFull(path: string, options?: ErrorOptions): StackError {
  return new StackError(`The disk that holds ${path} is full.`, 'Free at least 500 MB there, or choose a folder on another disk with --data DIR.', options);
}
