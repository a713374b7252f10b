import { Ajv } from 'ajv';
import type { ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { z } from 'zod';

export type Side = 'request' | 'response';
type Json = Readonly<Record<string, unknown>>;

const record = z.record(z.string(), z.unknown());
const isRecord = (value: unknown): value is Json => record.safeParse(value).success && !Array.isArray(value);

/** Keywords that say nothing about validity. Whatever is neither here nor known to ajv makes compiling fail. */
const annotations = new Set(['title', 'description', 'example', 'externalDocs', 'xml', 'deprecated', 'readOnly', 'writeOnly', 'default', 'discriminator', 'nullable']);
const discriminator = z.object({ propertyName: z.string(), mapping: z.record(z.string(), z.string()) });
const reference = /^#\/components\/schemas\/([^/]+)$/;

const idOf = (side: Side, name: string, whole: boolean): string => `contract://${side}/${encodeURIComponent(name)}${whole ? '/whole' : ''}`;

/**
 * Schemas of one OpenAPI 3.0 document as JSON Schema, once for requests and once for answers: a required property that is
 * read-only is required of answers only. Everything is compiled when asked for, strictly: a schema that can't be compiled
 * throws, where other validators skip it and let everything through.
 */
export class SchemaSet {
  private readonly ajv: Ajv;

  constructor(schemas: Json, formats: Readonly<Record<string, RegExp>> = {}) {
    this.ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
    addFormats.default(this.ajv);
    for (const [name, format] of Object.entries(formats)) this.ajv.addFormat(name, format);
    for (const side of ['request', 'response'] as const) {
      for (const [name, schema] of Object.entries(schemas)) {
        this.ajv.addSchema({ $id: idOf(side, name, false), ...this.convert(schema, side) });
        this.ajv.addSchema({ $id: idOf(side, name, true), ...this.whole(name, schema, side) });
      }
    }
  }

  compile(schema: unknown, side: Side): ValidateFunction {
    return this.ajv.compile(this.convert(schema, side));
  }

  /** What a reference to a component means outside `allOf`: the component, and by its discriminator the one that it is. */
  private whole(name: string, schema: unknown, side: Side): Json {
    const itself = { $ref: idOf(side, name, false) };
    const parsed = discriminator.safeParse(isRecord(schema) ? schema['discriminator'] : undefined);
    if (!parsed.success) return itself;
    const { propertyName, mapping } = parsed.data;
    const kinds = Object.entries(mapping).map(([value, target]) => ({
      if: { properties: { [propertyName]: { const: value } }, required: [propertyName] },
      then: { $ref: idOf(side, componentOf(target), false) },
    }));
    return { allOf: [itself, ...kinds] };
  }

  private convert(schema: unknown, side: Side, inAllOf = false): Json {
    if (!isRecord(schema)) throw new Error(`a schema must be an object: ${JSON.stringify(schema)}`);
    const target = schema['$ref'];
    if (typeof target === 'string') return { $ref: idOf(side, componentOf(target), !inAllOf) };
    const out = Object.fromEntries(Object.entries(schema)
      .filter(([keyword]) => !annotations.has(keyword) && !keyword.startsWith('x-'))
      .map(([keyword, value]) => [keyword, this.keyword(keyword, value, schema, side)]));
    return schema['nullable'] === true ? orNull(out) : out;
  }

  private keyword(keyword: string, value: unknown, schema: Json, side: Side): unknown {
    switch (keyword) {
      case 'properties':
        return Object.fromEntries(Object.entries(record.parse(value)).map(([name, property]) => [name, this.convert(property, side)]));
      case 'items':
      case 'not':
        return this.convert(value, side);
      case 'additionalProperties':
        return typeof value === 'boolean' ? value : this.convert(value, side);
      case 'allOf':
      case 'anyOf':
      case 'oneOf':
        return z.array(z.unknown()).parse(value).map((part) => this.convert(part, side, keyword === 'allOf'));
      case 'required':
        return z.array(z.string()).parse(value).filter((name) => !this.isOtherSide(schema, name, side));
      case 'enum':
        // Okta's document names some values twice, which says no more than once.
        return [...new Set(z.array(z.unknown()).parse(value))];
      default:
        return value;
    }
  }

  private isOtherSide(schema: Json, name: string, side: Side): boolean {
    const properties = isRecord(schema['properties']) ? schema['properties'] : {};
    const property = properties[name];
    return isRecord(property) && property[side === 'request' ? 'readOnly' : 'writeOnly'] === true;
  }
}

function componentOf(target: string): string {
  const name = reference.exec(target)?.[1];
  if (name === undefined) throw new Error(`a reference must name a component schema: ${target}`);
  return name;
}

function orNull(schema: Json): Json {
  const { type, enum: values, ...rest } = schema;
  if (typeof type !== 'string') return { anyOf: [schema, { type: 'null' }] };
  return { ...rest, type: [type, 'null'], ...(Array.isArray(values) ? { enum: [...z.array(z.unknown()).parse(values), null] } : {}) };
}
