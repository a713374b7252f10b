import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ValidateFunction } from 'ajv';
import { z } from 'zod';
import { SchemaSet } from './openapi-schema.js';

/** One request and its answer as they were on the wire. Header names in lower case. */
export interface WireRequest { readonly method: string; readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly body: string }
export interface WireAnswer { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }

export interface ContractRules {
  /** File below VENDOR_CONTRACTS. */
  readonly file: string;
  /** Path in front of the contract's own paths. */
  readonly prefix?: string;
  /** What the Authorization header must look like; absent for an endpoint that takes its credential in the body. */
  readonly authorization?: RegExp;
  /** Component schema of error bodies: contracts list few of the statuses that a vendor really answers. */
  readonly errorSchema: string;
  /** Formats that the vendor itself writes in another way than their names say. */
  readonly formats?: Readonly<Record<string, RegExp>>;
  /** What the vendor's document leaves open and its reference text does not: complaints about a request body, by operation. */
  readonly stricter?: Readonly<Record<string, (body: unknown) => readonly string[]>>;
}

const anyRecord = z.record(z.string(), z.unknown());
const parameter = z.object({ name: z.string(), in: z.enum(['path', 'query', 'header', 'cookie']), required: z.boolean().default(false), schema: z.unknown() });
const content = z.record(z.string(), z.object({ schema: z.unknown().optional() }));
const body = z.object({ required: z.boolean().default(false), content });
const response = z.object({ content: content.default({}) });
const documentShape = z.object({ paths: z.record(z.string(), anyRecord), components: z.object({ schemas: anyRecord }).loose() });
type Parameter = z.infer<typeof parameter>;

export interface Operation {
  /** `GET /api/v1/groups/{groupId}` */
  readonly key: string;
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly parameters: readonly (Parameter & { readonly validate: ValidateFunction })[];
  readonly body: { readonly required: boolean; readonly content: ReadonlyMap<string, ValidateFunction> } | null;
  readonly responses: ReadonlyMap<string, ReadonlyMap<string, ValidateFunction>>;
}

/** A vendor's OpenAPI document as a judge of traffic. Every schema of every operation is compiled at once, or none is served. */
export class VendorContract {
  readonly operations: readonly Operation[];
  private readonly document: z.infer<typeof documentShape>;
  private readonly schemas: SchemaSet;
  private readonly error: ValidateFunction;

  constructor(document: unknown, private readonly rules: ContractRules) {
    this.document = documentShape.parse(document);
    this.schemas = new SchemaSet(this.document.components.schemas, rules.formats);
    this.error = this.schemas.compile({ $ref: `#/components/schemas/${rules.errorSchema}` }, 'response');
    this.operations = Object.entries(this.document.paths)
      .flatMap(([path, item]) => ['get', 'put', 'post', 'delete', 'patch'].flatMap((method) => (item[method] === undefined ? [] : [this.operation(method.toUpperCase(), path, item)])))
      // `/groups/rules` before `/groups/{groupId}`.
      .sort((one, other) => one.names.length - other.names.length);
  }

  static read(folder: string, rules: ContractRules): VendorContract {
    return new VendorContract(JSON.parse(readFileSync(join(folder, rules.file), 'utf8')), rules);
  }

  operationOf(request: WireRequest): Operation | null {
    const path = this.pathOf(request);
    return path === null ? null : this.operations.find((one) => one.key.startsWith(`${request.method} `) && one.pattern.test(path)) ?? null;
  }

  /** Complaints about a request; empty when the vendor's contract allows it. */
  judgeRequest(request: WireRequest): readonly string[] {
    const operation = this.operationOf(request);
    if (operation === null) return [`${request.method} ${request.url} is not in the contract`];
    const { authorization } = this.rules;
    const credential = authorization !== undefined && !authorization.test(request.headers['authorization'] ?? '') ? ['the Authorization header is not in the contract\'s form'] : [];
    return [...credential, ...this.judgeParameters(operation, request), ...this.judgeBody(operation, request)];
  }

  /** Complaints about the answer to a request that {@link operationOf} knows. */
  judgeAnswer(operation: Operation, answer: WireAnswer): readonly string[] {
    const schemas = operation.responses.get(String(answer.status)) ?? operation.responses.get('default');
    if (schemas === undefined && answer.status < 400) return [`status ${answer.status} is not in the contract`];
    if (answer.status === 204 || answer.body === '') return judgeAbsence(answer, schemas?.size ?? 0);
    const type = mediaType(answer.headers);
    const validate = schemas?.get(type) ?? this.errorSchema(answer.status, type);
    if (validate === undefined) return [`content type ${type} is not in the contract`];
    return complaints(validate, tryParse(answer.body), 'answer');
  }

  private errorSchema(status: number, type: string): ValidateFunction | undefined {
    return status >= 400 && type === 'application/json' ? this.error : undefined;
  }

  private pathOf(request: WireRequest): string | null {
    const path = request.url.split('?')[0] ?? '';
    const { prefix = '' } = this.rules;
    return path.startsWith(prefix) ? path.slice(prefix.length) : null;
  }

  private operation(method: string, path: string, item: Readonly<Record<string, unknown>>): Operation {
    const declared = anyRecord.parse(item[method.toLowerCase()]);
    const parameters = [...this.list(item['parameters']), ...this.list(declared['parameters'])].map((one) => parameter.parse(this.resolved(one)));
    const requestBody = declared['requestBody'] === undefined ? null : body.parse(this.resolved(declared['requestBody']));
    const names = [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] ?? '');
    return {
      key: `${method} ${path}`,
      pattern: new RegExp(`^${path.split(/\{[^}]+\}/).map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('([^/]+)')}$`),
      names,
      parameters: parameters.map((one) => ({ ...one, validate: this.schemas.compile(one.schema, 'request') })),
      body: requestBody === null ? null : { required: requestBody.required, content: this.compiled(requestBody.content, 'request') },
      responses: new Map(Object.entries(anyRecord.parse(declared['responses'])).map(([status, one]) => [status, this.compiled(response.parse(this.resolved(one)).content, 'response')])),
    };
  }

  private compiled(types: z.infer<typeof content>, side: 'request' | 'response'): Map<string, ValidateFunction> {
    return new Map(Object.entries(types).map(([type, { schema }]) => [type.split(';')[0] ?? '', this.schemas.compile(schema ?? {}, side)]));
  }

  private list(value: unknown): readonly unknown[] {
    return value === undefined ? [] : z.array(z.unknown()).parse(value);
  }

  /** Follows a reference to a shared parameter, body or response. */
  private resolved(node: unknown): unknown {
    const target = z.object({ $ref: z.string() }).safeParse(node);
    if (!target.success) return node;
    return target.data.$ref.replace('#/', '').split('/').reduce<unknown>((at, key) => anyRecord.parse(at)[key], this.document);
  }

  private judgeParameters(operation: Operation, request: WireRequest): string[] {
    const query = new URLSearchParams(request.url.split('?')[1] ?? '');
    const path = operation.pattern.exec(this.pathOf(request) ?? '') ?? [];
    const unknown = [...query.keys()].filter((name) => !operation.parameters.some((one) => one.in === 'query' && one.name === name));
    const known = operation.parameters.flatMap((one) => {
      const at = operation.names.indexOf(one.name);
      const value = one.in === 'path' ? path[at + 1] : one.in === 'query' ? query.get(one.name) ?? undefined : request.headers[one.name.toLowerCase()];
      if (value === undefined) return one.required ? [`${one.in} parameter ${one.name} is missing`] : [];
      return complaints(one.validate, typed(one.schema, decodeURIComponent(value)), `${one.in} parameter ${one.name}`);
    });
    return [...unknown.map((name) => `query parameter ${name} is not in the contract`), ...known];
  }

  private judgeBody(operation: Operation, request: WireRequest): readonly string[] {
    if (operation.body === null) return request.body === '' ? [] : ['a body where there must be none'];
    if (request.body === '') return operation.body.required ? ['the body is missing'] : [];
    const type = mediaType(request.headers);
    const validate = operation.body.content.get(type);
    if (validate === undefined) return [`content type ${type} is not in the contract`];
    const value = type === 'application/x-www-form-urlencoded' ? Object.fromEntries(new URLSearchParams(request.body)) : tryParse(request.body);
    return [...complaints(validate, value, 'body'), ...(this.rules.stricter?.[operation.key]?.(value) ?? [])];
  }
}

/** 204 has no body, whatever content a document lists for it (RFC 9110 section 15.3.5). */
function judgeAbsence({ status, body: text }: WireAnswer, promised: number): readonly string[] {
  if (status === 204) return text === '' ? [] : ['a body where there must be none'];
  return promised === 0 || status >= 400 ? [] : ['a body is promised and missing'];
}

function mediaType(headers: Readonly<Record<string, string>>): string {
  return (headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
}

function tryParse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

function complaints(validate: ValidateFunction, value: unknown, what: string): string[] {
  if (value === undefined) return [`${what} is not JSON`];
  if (validate(value)) return [];
  return (validate.errors ?? []).map((error) => `${what}${error.instancePath} ${error.message ?? 'is wrong'} ${JSON.stringify(error.params)}`);
}

/** A parameter arrives as text; its schema says what it stands for. */
function typed(schema: unknown, text: string): unknown {
  const type = anyRecord.safeParse(schema).data?.['type'];
  if ((type === 'integer' || type === 'number') && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return type === 'array' ? text.split(',') : text;
}
