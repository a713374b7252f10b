import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import type { CommandOutcome, DeleteOutcome } from '../../application/ports/api-commands.port.js';
import type { Rows } from '../../application/ports/api-queries.port.js';
import { encodeCursor } from './cursor.js';
import { ApiProblem, problemOf } from './problem.js';
import { etagOf } from './request-headers.js';
import { routeSpecOf, type RouteSpec } from './route.js';

type Outcome = CommandOutcome<unknown> | DeleteOutcome;

/** Turns what a handler returns into the answer of its kind of route: status, ETag, next cursor; a refusal and a missing item become problems. */
export class AnswerInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const spec = routeSpecOf(context.getHandler());
    if (!spec) return next.handle();
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(map((value) => answer(spec, value, request, reply)));
  }
}

function answer(spec: RouteSpec, value: unknown, request: FastifyRequest, reply: FastifyReply): unknown {
  switch (spec.kind) {
    case 'command': return commandAnswer(value, reply);
    case 'item': return itemAnswer(spec, value, reply);
    case 'list': return listAnswer(spec, value, request);
    case 'plain': return value;
  }
}

function commandAnswer(value: unknown, reply: FastifyReply): unknown {
  if (!isOutcome(value)) throw new Error('a command did not answer with an outcome');
  if (!value.ok) throw new ApiProblem(value.refusal);
  void reply.status(value.status);
  if (value.status === 204) return undefined;
  tag(value.body, reply);
  return value.body;
}

function itemAnswer(spec: RouteSpec, value: unknown, reply: FastifyReply): unknown {
  if (value === null) throw problemOf(spec.notFound ?? 'route.not_found', 'There is nothing under this path');
  tag(value, reply);
  return value;
}

function listAnswer(spec: RouteSpec, value: unknown, request: FastifyRequest): unknown {
  if (!isRows(value)) throw new Error('a list did not answer with rows');
  return { items: value.items, nextCursor: encodeCursor(value.next, spec.operation, request.listFilters ?? {}) };
}

function tag(body: unknown, reply: FastifyReply): void {
  if (typeof body === 'object' && body !== null && 'version' in body && typeof body.version === 'number') void reply.header('etag', etagOf(body.version));
}
const isOutcome = (value: unknown): value is Outcome => typeof value === 'object' && value !== null && 'ok' in value && (value.ok === true ? 'status' in value : 'refusal' in value);
const isRows = (value: unknown): value is Rows<unknown> => typeof value === 'object' && value !== null && 'items' in value && 'next' in value;
