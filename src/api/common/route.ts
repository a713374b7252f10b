import { applyDecorators, HttpCode, RequestMapping, RequestMethod, SetMetadata } from '@nestjs/common';
import type { z } from 'zod';
import type { CommandContext, Principal, TokenRole } from '../../application/ports/api-commands.port.js';
import type { Keyset } from '../../application/ports/api-queries.port.js';
import type { ProblemCode } from '../../contracts/refusal-status.js';
import type { CsvBody } from './content-parsers.js';
import type { SortKind } from './cursor.js';

/** Who may call a route. Every route says so; one without is refused to everybody (access.guard.ts). */
export type Access =
  | { readonly kind: 'public' }
  /** A signed-in person or service; what they may do to which object is decided behind the edge. */
  | { readonly kind: 'authenticated' }
  | { readonly kind: 'roles'; readonly anyOf: readonly TokenRole[] }
  /** Everybody with a valid token, customers and anonymous portal visitors too (SPEC I7). */
  | { readonly kind: 'portal' }
  /** The Forge app's own event tokens; an admin may deliver an event again, since nothing but the key is taken from it. */
  | { readonly kind: 'intake' };
export const Public = { kind: 'public' } as const;
export const Authenticated = { kind: 'authenticated' } as const;
export const PortalAccess = { kind: 'portal' } as const;
export const IntakeAccess = { kind: 'intake' } as const;
export const Roles = <const R extends readonly TokenRole[]>(...anyOf: R) => ({ kind: 'roles', anyOf }) as const;

export const HTTP_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/**
 * One route as data: Nest's mapping, the access guard, the checks of params, query and body, the answer's status and the OpenAPI document are all
 * made from it, so they can't disagree.
 */
export interface RouteSpec {
  readonly method: (typeof HTTP_METHODS)[number];
  /** Whole path with `:name` parameters. */
  readonly path: string;
  /** OpenAPI operationId; unique. */
  readonly operation: string;
  readonly tag: string;
  readonly summary: string;
  readonly access: Access;
  /** Signed service clients may call it too (SPEC I6). */
  readonly services?: true;
  /**
   * `command` changes something and answers with an outcome; `item` answers with a view or null (404); `list` with rows;
   * `plain` with whatever the handler returns.
   */
  readonly kind: 'command' | 'item' | 'list' | 'plain';
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** What the list is sorted by; lists only. */
  readonly sort?: SortKind;
  /** `required`: 428 without `If-Match`. */
  readonly ifMatch?: 'required' | 'optional';
  /** Also takes `text/csv`. */
  readonly csv?: boolean;
  readonly bodyLimitBytes?: number;
  /** Successful answers by status; null: no body. */
  readonly answers: Readonly<Record<number, z.ZodType | null>>;
  /** What the handler sends its text as, for the document; otherwise text is `text/plain` and all else JSON. */
  readonly mediaTypes?: readonly string[];
  /** The refusal for a path parameter that can't name anything, and for an item that is not there. */
  readonly notFound?: ProblemCode;
  /** Codes that this route answers with beyond those that every route can, for the document. */
  readonly problems?: readonly ProblemCode[];
}
/** Keeps the literal types that {@link CallOf} is made from. */
export const route = <const R extends RouteSpec>(spec: R): R => spec;

type Parsed<R, K extends 'params' | 'query' | 'body'> = K extends keyof R ? (R[K] extends z.ZodType ? z.output<R[K]> : undefined) : undefined;
type QueryOf<R> = R extends { readonly kind: 'list' } ? Omit<Parsed<R, 'query'>, 'cursor'> & { readonly after: Keyset | null } : Parsed<R, 'query'>;

/** What a handler is given: everything checked, nothing raw. */
export interface CallOf<R extends RouteSpec> {
  readonly principal: R extends { readonly access: { readonly kind: 'public' } } ? Principal | null : Principal;
  readonly params: Parsed<R, 'params'>;
  readonly query: QueryOf<R>;
  /** Undefined where it came as {@link csv}. */
  readonly body: R extends { readonly csv: true } ? Parsed<R, 'body'> | undefined : Parsed<R, 'body'>;
  /** A body that came as `text/csv`, not read yet; null otherwise. */
  readonly csv: CsvBody | null;
  readonly context: R extends { readonly access: { readonly kind: 'public' } } ? null : CommandContext;
  readonly expectedVersion: number | null;
}

export const ROUTE_SPEC = 'aiclearance:route';
const NEST_METHOD = { GET: RequestMethod.GET, POST: RequestMethod.POST, PUT: RequestMethod.PUT, PATCH: RequestMethod.PATCH, DELETE: RequestMethod.DELETE, OPTIONS: RequestMethod.OPTIONS } as const;

/** Binds a controller method to its route. */
export const Endpoint = (spec: RouteSpec): MethodDecorator =>
  applyDecorators(RequestMapping({ path: spec.path, method: NEST_METHOD[spec.method] }), HttpCode(Number(Object.keys(spec.answers)[0] ?? 200)), SetMetadata(ROUTE_SPEC, spec));

/** The spec that {@link Endpoint} put on a handler. */
export function routeSpecOf(handler: object): RouteSpec | undefined {
  const spec: unknown = Reflect.getMetadata(ROUTE_SPEC, handler);
  return isRouteSpec(spec) ? spec : undefined;
}
const isRouteSpec = (value: unknown): value is RouteSpec => typeof value === 'object' && value !== null && 'access' in value && 'operation' in value;
