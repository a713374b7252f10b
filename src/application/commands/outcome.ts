import { PROBLEM_STATUS, type ApiRefusal } from '../../contracts/refusal-status.js';
import type { CommandOutcome } from '../ports/api-commands.port.js';
import type { StoredCommand } from '../ports/command-store.port.js';

/** Anything that reads a stored answer back, such as a contract's schema. */
export interface Reader<T> { parse(value: unknown): T }

export const refuse = (code: ApiRefusal['code'], detail: string, path?: string): { readonly ok: false; readonly refusal: ApiRefusal } =>
  ({ ok: false, refusal: path === undefined ? { code, detail } : { code, detail, path } });
export const done = <T>(status: 200 | 201 | 202, body: T): CommandOutcome<T> => ({ ok: true, status, body });

export const statusOf = (refusal: ApiRefusal): number => PROBLEM_STATUS[refusal.code];

const isProblemCode = (code: unknown): code is ApiRefusal['code'] => typeof code === 'string' && Object.hasOwn(PROBLEM_STATUS, code);

/** Whether `value` is a refusal that an earlier call stored. Only this product writes the column, so codes and shapes are its own. */
function isStoredRefusal(value: unknown): value is ApiRefusal {
  return typeof value === 'object' && value !== null && 'code' in value && isProblemCode(value.code) && 'detail' in value && typeof value.detail === 'string';
}

/** The answer that an earlier call with the same key stored, or null while there is none. */
export function storedOutcome<T>(command: StoredCommand, answer: Reader<T>): CommandOutcome<T> | null {
  const { status, result } = command;
  if (status === null) return null;
  if (status >= 400) {
    if (!isStoredRefusal(result)) throw new Error(`command ${command.id} holds a result that is no refusal`);
    return { ok: false, refusal: result };
  }
  return done(successStatus(status), answer.parse(result));
}
const successStatus = (status: number): 200 | 201 | 202 => (status === 201 || status === 202 ? status : 200);
