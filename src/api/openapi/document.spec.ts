import { Ajv2020 } from 'ajv/dist/2020.js';
import { z } from 'zod';
import { controllersFor } from '../api.module.js';
import { PROBLEM_STATUS } from '../../contracts/refusal-status.js';
import { ApiHarness } from '../testing/api-harness.js';
import { collectRoutes } from './collect-routes.js';
import { openApiDocument } from './document.js';

const ref = z.strictObject({ $ref: z.string().regex(/^#\/components\/schemas\/[A-Za-z0-9]+$/) });
const content = z.record(z.string().regex(/^[a-z]+\/[a-z+-]+$/), z.strictObject({ schema: z.union([ref, z.looseObject({ type: z.string() })]) }));
const parameter = z.strictObject({ name: z.string(), in: z.enum(['path', 'query', 'header']), required: z.boolean(), description: z.string().optional(), schema: z.looseObject({}) });
const operation = z.strictObject({
  operationId: z.string(), tags: z.array(z.string()).min(1), summary: z.string().min(5), security: z.array(z.record(z.string(), z.array(z.string()))), parameters: z.array(parameter).optional(),
  requestBody: z.strictObject({ required: z.boolean(), content }).optional(),
  responses: z.record(z.string().regex(/^[2-5]\d\d$/), z.strictObject({ description: z.string().min(1), headers: z.looseObject({}).optional(), content: content.optional() })),
});
/** The parts of the OpenAPI 3.1 meta-schema that our documents use; strict, so that a misspelt member is found. */
const openApi31 = z.strictObject({
  openapi: z.literal('3.1.0'), info: z.strictObject({ title: z.string(), version: z.string(), description: z.string(), license: z.strictObject({ name: z.string(), identifier: z.string() }) }),
  tags: z.array(z.strictObject({ name: z.string() })), paths: z.record(z.string().startsWith('/'), z.partialRecord(z.enum(['get', 'post', 'put', 'patch', 'delete', 'options']), operation)),
  components: z.strictObject({ schemas: z.record(z.string().regex(/^[A-Za-z0-9]+$/), z.looseObject({})), securitySchemes: z.looseObject({ bearer: z.looseObject({ type: z.literal('http') }) }) }),
});

describe('the OpenAPI document', () => {
  const routes = collectRoutes(controllersFor(false));
  const document = openApi31.parse(openApiDocument(routes, '0.1.0'));
  const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).flatMap(([method, op]) => [{ path, method, op }]));

  it('has every route that is served, with its body and its answers', () => {
    for (const spec of routes) {
      const path = spec.path.replaceAll(/:([A-Za-z]+)/g, '{$1}');
      const found = operations.find(({ path: known, method }) => known === path && method === spec.method.toLowerCase());
      expect(found?.op).toMatchObject({ operationId: spec.operation, summary: spec.summary });
      expect(found?.op.requestBody !== undefined).toBe(spec.body !== undefined);
      expect(Object.keys(found?.op.responses ?? {})).toEqual(expect.arrayContaining(Object.keys(spec.answers)));
    }
    expect(operations).toHaveLength(routes.length);
  });

  it('gives every operation a name of its own and declares every parameter of its path', () => {
    expect(new Set(operations.map(({ op }) => op.operationId)).size).toBe(operations.length);
    for (const { path, op } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      expect((op.parameters ?? []).filter((known) => known.in === 'path').map((known) => known.name)).toEqual(inPath);
    }
  });

  it('refers to nothing that is not there', () => {
    const text = JSON.stringify(document);
    const refs = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(refs.length).toBeGreaterThan(100);
    expect(refs.filter((name) => !(name in document.components.schemas))).toEqual([]);
  });

  it('holds schemas that a JSON Schema 2020-12 validator takes', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    for (const [name, schema] of Object.entries(document.components.schemas)) expect({ name, valid: ajv.validateSchema(schema) }).toEqual({ name, valid: true });
    for (const { op } of operations) for (const { name, schema } of op.parameters ?? []) expect({ name, valid: ajv.validateSchema(schema) }).toEqual({ name, valid: true });
  });

  it('says what is refused: unknown fields, and credentials in answers', () => {
    expect(document.components.schemas['SubmitRequestBody']).toMatchObject({ additionalProperties: false, required: ['toolKey', 'businessUse', 'dataClasses', 'durationDays'] });
    expect(JSON.stringify(document.components.schemas['GetConnectorAnswer'])).not.toMatch(/"(?:clientSecret|certificatePem|privateKeyPem|token)":/);
  });

  it('asks for a token wherever the server does, and for If-Match where it is required', () => {
    for (const spec of routes) {
      const op = operations.find(({ op: known }) => known.operationId === spec.operation)?.op;
      expect((op?.security ?? []).length > 0).toBe(spec.access.kind !== 'public');
      expect((op?.parameters ?? []).some((known) => known.name === 'If-Match' && known.required)).toBe(spec.ifMatch === 'required');
    }
  });

  const sentAs = (operationId: string): readonly string[] => Object.keys(operations.find(({ op }) => op.operationId === operationId)?.op.responses['200']?.content ?? {});
  it('says what a file is sent as', () => {
    expect([sentAs('exportMappingImport'), sentAs('exportReconciliation'), sentAs('getMetrics'), sentAs('listIdentityMappings')]).toEqual([['text/csv'], ['text/csv', 'application/x-ndjson'], ['text/plain'], ['application/json']]);
  });

  it('names only codes that exist, under their status', () => {
    for (const { op } of operations) {
      for (const [status, { description, content: media }] of Object.entries(op.responses)) {
        if (media?.['application/problem+json'] === undefined) continue;
        const codes = (description.split(': ')[1] ?? '').split(', ');
        expect(codes.map((code) => Object.entries(PROBLEM_STATUS).find(([known]) => known === code)?.[1])).toEqual(codes.map(() => Number(status)));
      }
    }
  });

  it('is served, with a page to read it whose scripts come from here', async () => {
    const api = await ApiHarness.start({}, { sandbox: null });
    expect(await api.get('/api/v1/openapi.json')).toMatchObject({ status: 200, json: { openapi: '3.1.0', info: { version: '0.1.0' } } });
    const page = await api.get('/api/docs');
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    expect(page.text).not.toMatch(/https?:\/\//);
    const script = await api.get('/api/docs/swagger-ui-bundle.js');
    expect(script).toMatchObject({ status: 200, headers: { 'content-type': 'text/javascript; charset=utf-8' } });
    expect(script.text.length).toBeGreaterThan(100_000);
    const typeOf = async (path: string): Promise<string> => String((await api.get(path)).headers['content-type']).split(';')[0] ?? '';
    expect([await typeOf('/api/docs')]).toEqual(sentAs('getDocsPage'));
    expect([await typeOf('/api/docs/swagger-ui.css'), await typeOf('/api/docs/start.js')]).toEqual(sentAs('getDocsAsset'));
    await api.close();
  });
});
