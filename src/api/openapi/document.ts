import { z } from 'zod';
import { problem } from '../../contracts/problem.contract.js';
import { PROBLEM_STATUS, type ProblemCode } from '../../contracts/refusal-status.js';
import type { RouteSpec } from '../common/route.js';
import { TITLES } from '../common/titles.js';

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string; readonly license: { readonly name: string; readonly identifier: string } };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>>; readonly securitySchemes: Readonly<Record<string, unknown>> };
}
interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly headers?: unknown; readonly content?: Content }>>;
}
interface Parameter { readonly name: string; readonly in: 'path' | 'query' | 'header'; readonly required: boolean; readonly description?: string; readonly schema: unknown }
type Content = Readonly<Record<string, { readonly schema: unknown }>>;

/** The OpenAPI 3.1 document, made from the very routes that Nest serves: what is checked is what is written. */
export function openApiDocument(routes: readonly RouteSpec[], version: string): OpenApiDocument {
  const components = componentsOf(routes);
  const paths: Record<string, Record<string, Operation>> = {};
  for (const spec of routes) {
    const path = spec.path.replaceAll(/:([A-Za-z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [spec.method.toLowerCase()]: operationOf(spec) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'AI Clearance', version, description: 'Governance of access to AI tools. Repeat a refused or unanswered command with the same Idempotency-Key: it takes effect once.', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    tags: [...new Set(routes.map((spec) => spec.tag))].map((name) => ({ name })),
    paths,
    components: { schemas: components, securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, signature: SIGNATURE_SCHEME } },
  };
}

const bodyName = (spec: RouteSpec): string => `${capital(spec.operation)}Body`;
const answerName = (spec: RouteSpec, status: string): string => `${capital(spec.operation)}${status.startsWith('2') ? '' : status}Answer`;
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const ref = (name: string): { $ref: string } => ({ $ref: `#/components/schemas/${name}` });

/** Bodies as they are sent, answers as they are received: for a schema that transforms these differ. */
function componentsOf(routes: readonly RouteSpec[]): Record<string, unknown> {
  const schemas: Record<string, unknown> = { Problem: jsonSchema(problem, 'output') };
  for (const spec of routes) {
    if (spec.body) schemas[bodyName(spec)] = jsonSchema(spec.body, 'input');
    for (const [status, answer] of Object.entries(spec.answers)) if (answer !== null) schemas[answerName(spec, status)] = jsonSchema(answer, 'output');
  }
  return schemas;
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): unknown {
  const whole = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' });
  // 2020-12 is OpenAPI 3.1's own dialect; naming it in every schema would only be noise.
  return Object.fromEntries(Object.entries(whole).filter(([key]) => key !== '$schema'));
}

function operationOf(spec: RouteSpec): Operation {
  const parameters = [...parametersIn('path', spec.params), ...parametersIn('query', spec.query), ...headersOf(spec)];
  return {
    operationId: spec.operation, tags: [spec.tag], summary: spec.summary, security: securityOf(spec),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(spec.body ? { requestBody: { required: !spec.body.safeParse({}).success, content: contentOf(spec) } } : {}),
    responses: { ...successes(spec), ...failures(spec) },
  };
}
const securityOf = (spec: RouteSpec): Operation['security'] =>
  (spec.access.kind === 'public' ? [] : [{ bearer: spec.access.kind === 'roles' ? [...spec.access.anyOf] : [] }, ...(spec.services === true ? [{ signature: [] }] : [])]);
/** OpenAPI has no type of its own for message signatures. */
const SIGNATURE_SCHEME = {
  type: 'apiKey', in: 'header', name: 'Signature',
  description: 'Service clients: RFC 9421 with Signature-Input ("@method" "@target-uri" "content-digest");created;expires;nonce;keyid;alg="hmac-sha256" and the RFC 9530 Content-Digest (sha-256) of the body, also of an empty one. A nonce is good once, a signature for at most 300 seconds.',
} as const;
const contentOf = (spec: RouteSpec): Content => ({ 'application/json': { schema: ref(bodyName(spec)) }, ...(spec.csv === true ? { 'text/csv': { schema: { type: 'string' } } } : {}) });

function parametersIn(place: 'path' | 'query', schema: z.ZodObject | undefined): Parameter[] {
  return Object.entries(schema?.shape ?? {}).flatMap(([name, part]) => (part instanceof z.ZodType ? [{ name, in: place, required: place === 'path' || !part.safeParse(undefined).success, schema: jsonSchema(part, 'input') }] : []));
}
function headersOf(spec: RouteSpec): Parameter[] {
  const key: Parameter = { name: 'Idempotency-Key', in: 'header', required: false, description: 'Same key and same body: same answer. Same key and another body: 422.', schema: { type: 'string', minLength: 1, maxLength: 200, pattern: '^[\\x21-\\x7e]+$' } };
  const ifMatch: Parameter = { name: 'If-Match', in: 'header', required: spec.ifMatch === 'required', description: 'ETag of what was read, or *.', schema: { type: 'string' } };
  return [...(spec.kind === 'command' ? [key] : []), ...(spec.ifMatch === undefined ? [] : [ifMatch])];
}

function successes(spec: RouteSpec): Operation['responses'] {
  const tagged = spec.kind === 'item' || spec.kind === 'command' ? { headers: { ETag: { description: 'Version of the object, where it has one.', schema: { type: 'string' } } } } : {};
  return Object.fromEntries(Object.entries(spec.answers).map(([status, answer]) => [status, answer === null
    ? { description: 'Done' }
    : { description: spec.summary, ...tagged, content: Object.fromEntries(mediaTypesOf(spec, answer).map((type) => [type, { schema: ref(answerName(spec, status)) }])) }]));
}
const mediaTypesOf = (spec: RouteSpec, answer: z.ZodType): readonly string[] => spec.mediaTypes ?? [answer instanceof z.ZodString ? 'text/plain' : 'application/json'];

/** Every refusal that a route can answer with, grouped by status, its codes named. */
function failures(spec: RouteSpec): Operation['responses'] {
  const codes = new Set<ProblemCode>([...commonProblems(spec), ...(spec.problems ?? [])]);
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) byStatus.set(PROBLEM_STATUS[code], [...(byStatus.get(PROBLEM_STATUS[code]) ?? []), code]);
  const answers = [...byStatus].filter(([status]) => !(status in spec.answers)).sort(([a], [b]) => a - b);
  return Object.fromEntries(answers.map(([status, named]) => [String(status), { description: `${TITLES[status] ?? 'Error'}: ${named.join(', ')}`, content: { 'application/problem+json': { schema: ref('Problem') } } }]));
}
function commonProblems(spec: RouteSpec): ProblemCode[] {
  return [
    ...(spec.access.kind === 'public' ? [] : ['auth.missing', 'auth.invalid', 'auth.forbidden', 'auth.keys_unavailable', 'database.unavailable'] as const),
    'query.unknown', ...(spec.kind === 'list' ? ['query.invalid', 'cursor.invalid'] as const : []),
    ...(spec.notFound === undefined ? [] : [spec.notFound]),
    ...(spec.body ? ['body.invalid', 'body.malformed', 'body.duplicate_key', 'body.forbidden_key', 'body.too_deep', 'body.too_large', 'content_type.unsupported'] as const : []),
    ...(spec.kind === 'command' ? ['idempotency.key_invalid', 'idempotency.key_reused', 'engine.unavailable'] as const : []),
    ...(spec.ifMatch === 'required' ? ['if_match.required', 'if_match.invalid'] as const : []),
    'internal',
  ];
}
