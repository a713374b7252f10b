import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { CommandContext, Principal } from '../../application/ports/api-commands.port.js';
import { emptyBody, emptyQuery } from '../../contracts/page.contract.js';
import { bodyHashOf } from './canonical-json.js';
import { CsvBody } from './content-parsers.js';
import { decodeCursor } from './cursor.js';
import { fieldProblem, problemOf } from './problem.js';
import { readIdempotencyKey, readIfMatch } from './request-headers.js';
import { routeSpecOf, type RouteSpec } from './route.js';
import { fieldErrors } from './validate.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the access guard, once the token is proven. */
    principal?: Principal;
    /** Filters of a list, which its next cursor is bound to. */
    listFilters?: Readonly<Record<string, unknown>>;
  }
}

/** Hands the handler its checked call; its type is `CallOf<typeof itsRoute>` (route.ts). @throws ApiProblem for whatever is not accepted */
export const Call = createParamDecorator((_data: unknown, context: ExecutionContext) => {
  const spec = routeSpecOf(context.getHandler());
  if (!spec) throw new Error(`${context.getClass().name}.${context.getHandler().name} has no route`);
  return buildCall(spec, context.switchToHttp().getRequest<FastifyRequest>());
});

/** See {@link Call}. Params are checked before the query, the query before the body: what does not exist has no fields to mend. */
export function buildCall(spec: RouteSpec, request: FastifyRequest) {
  const params = readParams(spec, request.params);
  const query = readQuery(spec, request);
  const expectedVersion = spec.ifMatch === undefined ? null : readIfMatch(request.headers['if-match'], spec.ifMatch);
  const idempotencyKey = spec.kind === 'command' ? readIdempotencyKey(request.headers['idempotency-key']) : null;
  const csv = readCsv(spec, request.body);
  const raw = csv === null ? request.body : undefined;
  const body = csv === null && (spec.kind === 'command' || spec.body !== undefined) ? parseOr(spec.body ?? emptyBody, raw ?? {}, 'body.invalid', 'The body is not accepted') : undefined;
  const principal = request.principal ?? null;
  return { principal, params, query, body, csv, expectedVersion, context: principal === null ? null : commandContext(spec, request, principal, idempotencyKey, raw) };
}

function commandContext(spec: RouteSpec, request: FastifyRequest, principal: Principal, idempotencyKey: string | null, raw: unknown): CommandContext {
  return { principal, idempotencyKey, methodAndPath: `${spec.method} ${resolvedPath(spec.path, request.params)}`, bodyHash: bodyHashOf(raw), correlationId: request.id };
}

/** From the template and the decoded parameters, so that two spellings of one path (`%61` for `a`) are one command. */
const resolvedPath = (template: string, params: unknown): string => template.replaceAll(/:([A-Za-z]+)/g, (_whole, key: string) => String(isRecord(params) ? params[key] : ''));

function readParams(spec: RouteSpec, raw: unknown): unknown {
  if (!spec.params) return undefined;
  const parsed = spec.params.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw problemOf(spec.notFound ?? 'route.not_found', 'There is nothing under this path');
}

function readQuery(spec: RouteSpec, request: FastifyRequest): unknown {
  const schema = spec.query ?? emptyQuery;
  const raw: unknown = request.query;
  const parsed = schema.safeParse({ ...(isRecord(raw) ? raw : {}) });
  if (!parsed.success) {
    const unknown = parsed.error.issues.some((issue) => issue.code === 'unrecognized_keys');
    throw fieldProblem(unknown ? 'query.unknown' : 'query.invalid', 'The query is not accepted', fieldErrors(schema, raw, parsed.error.issues));
  }
  if (spec.kind !== 'list') return parsed.data;
  const data: Readonly<Record<string, unknown>> = parsed.data;
  const { cursor, limit, ...given } = data;
  const filters = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  request.listFilters = filters;
  return { ...filters, limit, after: decodeCursor(typeof cursor === 'string' ? cursor : undefined, spec.sort ?? 'instant', spec.operation, filters) };
}

/** Null: the body is JSON, or there is none. */
function readCsv(spec: RouteSpec, body: unknown): CsvBody | null {
  if (!(body instanceof CsvBody)) return null;
  if (spec.csv !== true) throw problemOf('content_type.unsupported', 'Send application/json');
  return body;
}

function parseOr(schema: z.ZodType, raw: unknown, code: 'body.invalid', detail: string): unknown {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw fieldProblem(code, detail, fieldErrors(schema, raw, parsed.error.issues));
}
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;
