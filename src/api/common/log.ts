/** What the edge writes to the log. By allow-list: no header, no body, no query, no message of a foreign error ever has a field here (SPEC O4). */
export interface HttpLog {
  readonly requestId: string;
  readonly method: string;
  /** Template, never the path as called: a path can carry what a client put there. */
  readonly route: string;
  readonly status: number;
  readonly ms: number;
}
export interface FaultLog {
  readonly requestId: string;
  readonly route: string;
  readonly errorName: string;
  readonly errorCode?: string;
  /** Frames only: a message may quote a value. */
  readonly frames: readonly string[];
}
/** The part of pino's logger that the edge uses. */
export interface EdgeLogger {
  info(fields: HttpLog, message: string): void;
  error(fields: FaultLog, message: string): void;
  warn(fields: { readonly errorName: string; readonly requestId: string }, message: string): void;
}

export function faultLogOf(error: unknown, requestId: string, routeTemplate: string): FaultLog {
  const name = error instanceof Error ? error.name : typeof error;
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)).slice(0, 12).map((line) => line.trim()) : [];
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? { errorCode: error.code.slice(0, 60) } : {};
  return { requestId, route: routeTemplate, errorName: name, ...code, frames };
}
