import { VendorContract } from './vendor-contract.js';
import type { ContractRules, WireRequest } from './vendor-contract.js';

const rules: ContractRules = { file: 'made-up', prefix: '/v1', authorization: /^Bearer \S+$/, errorSchema: 'Error' };
const json = (schema: unknown) => ({ content: { 'application/json': { schema } } });
const thing = { $ref: '#/components/schemas/Thing' };
const document = (schemas: Readonly<Record<string, unknown>> = {}) => ({
  paths: {
    '/things': {
      get: { parameters: [{ $ref: '#/components/parameters/limit' }], responses: { 200: json({ type: 'array', items: thing }) } },
      post: { requestBody: { required: true, ...json(thing) }, responses: { 201: json(thing) } },
    },
    '/things/{id}': { parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }], delete: { responses: { 204: {} } } },
    '/things/rules': { get: { responses: { 200: json({ type: 'object' }) } } },
  },
  components: {
    parameters: { limit: { name: 'limit', in: 'query', schema: { type: 'integer', maximum: 200 } } },
    schemas: {
      Error: { type: 'object', required: ['code'], properties: { code: { type: 'string' } } },
      Thing: {
        type: 'object', required: ['id', 'kind'], discriminator: { propertyName: 'kind', mapping: { cat: '#/components/schemas/Cat' } },
        properties: { id: { type: 'string', readOnly: true }, kind: { type: 'string', enum: ['cat', 'cat', 'dog'] }, owner: { type: 'string', nullable: true } },
      },
      Cat: { allOf: [thing, { type: 'object', required: ['lives'], properties: { lives: { type: 'integer' } } }] },
      ...schemas,
    },
  },
});

describe('VendorContract', () => {
  const contract = new VendorContract(document(), rules);
  const request = (method: string, url: string, body = ''): WireRequest => ({ method, url, headers: { authorization: 'Bearer x', ...(body === '' ? {} : { 'content-type': 'application/json' }) }, body });
  const answer = (to: WireRequest, status: number, body: string, type = 'application/json') => {
    const operation = contract.operationOf(to);
    if (operation === null) throw new Error('not in the contract');
    return contract.judgeAnswer(operation, { status, headers: { 'content-type': type }, body });
  };
  const list = request('GET', '/v1/things');

  it('fails loudly for a schema that can\'t be compiled, rather than let everything through', () => {
    expect(() => new VendorContract(document({ Odd: { type: 'nonsense' } }), rules)).toThrow('schema is invalid');
    expect(() => new VendorContract(document({ Odd: { type: 'string', format: 'unheard-of' } }), { ...rules, errorSchema: 'Odd' })).toThrow('unknown format');
    expect(() => new VendorContract(document({ Odd: { type: 'object', requried: ['a'] } }), { ...rules, errorSchema: 'Odd' })).toThrow('unknown keyword');
  });

  it('prefers a fixed path to one with a parameter', () => {
    expect(contract.operationOf(request('GET', '/v1/things/rules'))?.key).toBe('GET /things/rules');
    expect(contract.operationOf(request('DELETE', '/v1/things/7'))?.key).toBe('DELETE /things/{id}');
  });

  it('judges parameters by name, presence and value', () => {
    expect(contract.judgeRequest(request('GET', '/v1/things?limit=200'))).toEqual([]);
    expect(contract.judgeRequest(request('GET', '/v1/things?limit=201'))).toHaveLength(1);
    expect(contract.judgeRequest(request('GET', '/v1/things?limit=many'))).toHaveLength(1);
    expect(contract.judgeRequest(request('GET', '/v1/things?limits=2'))).toEqual(['query parameter limits is not in the contract']);
    expect(contract.judgeRequest(request('DELETE', '/v1/things/x'))).toHaveLength(1);
    expect(contract.judgeRequest({ ...list, headers: {} })).toEqual(['the Authorization header is not in the contract\'s form']);
  });

  it('requires read-only properties of answers and not of requests', () => {
    expect(contract.judgeRequest(request('POST', '/v1/things', '{"kind":"dog"}'))).toEqual([]);
    expect(answer(request('POST', '/v1/things', '{"kind":"dog"}'), 201, '{"kind":"dog"}')).toHaveLength(1);
  });

  it('follows the discriminator to what a thing is', () => {
    expect(answer(list, 200, '[{"id":"1","kind":"dog"},{"id":"2","kind":"cat","lives":7}]')).toEqual([]);
    expect(answer(list, 200, '[{"id":"2","kind":"cat"}]').join()).toContain('must have required property \'lives\'');
    expect(answer(list, 200, '[{"id":"2","kind":"bird"}]')).toHaveLength(1);
  });

  it('takes null where it may be, and only there', () => {
    expect(answer(list, 200, '[{"id":"1","kind":"dog","owner":null}]')).toEqual([]);
    expect(answer(list, 200, '[{"id":null,"kind":"dog"}]')).toHaveLength(1);
  });

  it('holds errors that the contract does not list to the vendor\'s form of errors', () => {
    expect(answer(list, 401, '{"code":"no"}')).toEqual([]);
    expect(answer(list, 401, '{"message":"no"}')).toHaveLength(1);
    expect(answer(list, 502, '<html>', 'text/html')).toEqual(['content type text/html is not in the contract']);
    expect(answer(list, 202, '[]')).toEqual(['status 202 is not in the contract']);
  });
});
