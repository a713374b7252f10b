import type { Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from '../../contracts/problem.contract.js';
import { PROBLEM_STATUS, type ApiRefusal } from '../../contracts/refusal-status.js';
import { faultLogOf, type EdgeLogger } from './log.js';
import { ApiProblem } from './problem.js';
import { TITLES } from './titles.js';
import { unavailableOf } from './unavailable.js';

/**
 * The one place where an error becomes an answer (RFC 9457). What it does not know is a 500 without any detail; the log keeps where it came from.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: EdgeLogger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const refusal = refusalOf(error);
    if (refusal.code === 'internal') this.log.error(faultLogOf(error, request.id, request.routeOptions.url ?? 'unmatched'), 'unexpected error');
    if (reply.sent) return;
    sendProblem(reply, refusal, request.id);
  }
}

/** Sends a refusal as problem+json; also for what fails before Nest is reached. */
export function sendProblem(reply: FastifyReply, refusal: ApiRefusal, requestId: string): void {
  const status = PROBLEM_STATUS[refusal.code];
  void reply.status(status).header('content-type', 'application/problem+json; charset=utf-8');
  if (refusal.retryAfterSeconds !== undefined) void reply.header('retry-after', String(Math.max(1, Math.ceil(refusal.retryAfterSeconds))));
  if (status === 401) void reply.header('www-authenticate', refusal.code === 'auth.invalid' ? 'Bearer error="invalid_token"' : 'Bearer');
  // A body that was refused half-read leaves the connection in an unknown place.
  if (status === 413) void reply.header('connection', 'close');
  void reply.send(JSON.stringify(problemBody(refusal, requestId)));
}

export function problemBody(refusal: ApiRefusal, requestId: string): Problem {
  const { code, detail, path } = refusal;
  const errors = refusal.errors ?? (path === undefined ? undefined : [{ path, code, message: detail }]);
  return {
    type: `urn:aiclearance:problem:${code}`, title: TITLES[PROBLEM_STATUS[code]] ?? 'Error', status: PROBLEM_STATUS[code], code,
    ...(code === 'internal' ? {} : { detail }), ...(errors === undefined ? {} : { errors: [...errors] }), requestId,
  };
}

/** Answers what is not HTTP at all, or has headers beyond every limit, and closes: no request exists for it to belong to. */
export function answerBrokenRequest(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const body = JSON.stringify(problemBody({ code: 'request_line.invalid', detail: 'The request can\'t be read' }, randomUUID()));
  socket.end(`HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
}

export function refusalOf(error: unknown): ApiRefusal {
  if (error instanceof ApiProblem) return error.refusal;
  return unavailableOf(error) ?? refusalOfFramework(error) ?? { code: 'internal', detail: 'Something went wrong on our side' };
}

/** Fastify's and Nest's own refusals, by their codes and statuses: their texts are not ours to promise. */
function refusalOfFramework(error: unknown): ApiRefusal | null {
  const status = statusOf(error);
  if (status === 404) return { code: 'route.not_found', detail: 'There is nothing under this path' };
  if (status === 415) return { code: 'content_type.unsupported', detail: 'Send application/json' };
  if (status === 413) return { code: 'body.too_large', detail: 'The body is too large' };
  return status !== null && status >= 400 && status < 500 ? { code: 'request_line.invalid', detail: 'The request can\'t be read' } : null;
}
function statusOf(error: unknown): number | null {
  if (error instanceof HttpException) return error.getStatus();
  return typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number' && 'code' in error && String(error.code).startsWith('FST_') ? error.statusCode : null;
}
