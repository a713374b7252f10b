import { DatabaseUnavailable } from '../../application/ports/unit-of-work.port.js';
import { EngineUnavailable, JiraUnavailable } from '../../application/ports/api-commands.port.js';
import type { ApiRefusal } from '../../contracts/refusal-status.js';

/** How long a client should wait before it repeats with the same idempotency key, in seconds. */
const RETRY_AFTER_SECONDS = 2;

/** Postgres: connection exceptions (08), insufficient resources (53), operator intervention (57P), lock and statement time-outs. */
const DATABASE_CODES = /^(?:08...|53...|57P0[1-5]|57014|55P03)$/;
const DATABASE_MESSAGES = /Connection terminated|timeout exceeded when trying to connect|connection error and is not queryable|Client was closed|Cannot use a pool after calling end/;
const SOCKET_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH', 'EAI_AGAIN']);
/** gRPC: CANCELLED by our own deadline, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, UNAVAILABLE. */
const ENGINE_CODES = new Set([1, 4, 8, 10, 14]);

/** The 503 for an error that says that a part of us is away; null for every other error. */
export function unavailableOf(error: unknown): ApiRefusal | null {
  if (error instanceof DatabaseUnavailable || isDatabaseError(error)) return away('database.unavailable', 'The database is away; repeat with the same idempotency key');
  if (error instanceof EngineUnavailable || isEngineError(error)) return away('engine.unavailable', 'The workflow engine is away; repeat with the same idempotency key');
  if (error instanceof JiraUnavailable) return away('jira.unavailable', 'Jira did not answer; repeat later');
  return null;
}
const away = (code: ApiRefusal['code'], detail: string): ApiRefusal => ({ code, detail, retryAfterSeconds: RETRY_AFTER_SECONDS });

/** By shape: errors of Node's core may come from another realm than ours, where `instanceof` is false. */
interface ErrorLike { readonly name: string; readonly message: string; readonly cause?: unknown }
const isErrorLike = (value: unknown): value is ErrorLike => typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string' && 'name' in value;

function isDatabaseError(error: unknown): boolean {
  if (!isErrorLike(error)) return false;
  if (DATABASE_MESSAGES.test(error.message)) return true;
  const code = codeOf(error) ?? codeOf('driverError' in error ? error.driverError : undefined);
  if (typeof code !== 'string') return false;
  return DATABASE_CODES.test(code) || (SOCKET_CODES.has(code) && ('driverError' in error || isPgSocket(error)));
}
/** node-postgres passes the socket's own error on; its address is the only thing that tells it from others, so it counts unless gRPC or fetch made it. */
const isPgSocket = (error: ErrorLike): boolean => 'syscall' in error && !('details' in error) && error.cause === undefined;

/** The SDK wraps gRPC errors in ServiceError (cause); connecting lazily surfaces them bare. */
function isEngineError(error: unknown): boolean {
  if (!isErrorLike(error)) return false;
  if (error.name === 'TransportError') return true;
  const grpc = 'details' in error ? error : error.cause;
  const code = codeOf(grpc);
  return typeof code === 'number' && ENGINE_CODES.has(code) && typeof grpc === 'object' && grpc !== null && 'details' in grpc;
}
const codeOf = (value: unknown): unknown => (typeof value === 'object' && value !== null && 'code' in value ? value.code : undefined);
