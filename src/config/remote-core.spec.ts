import { z } from 'zod';
import { clientKeys } from './client-keys.js';
import { remoteCoreOf, remoteCoreShape } from './remote-core.js';

const SECRET = 'a-secret-of-thirty-two-characters';
const read = (source: Readonly<Record<string, string>>) => remoteCoreOf(z.object(remoteCoreShape).parse(source));
const all = { ARDSAOR_CORE_URL: 'https://core.example/', ARDSAOR_CORE_APP_ID: 'ari:cloud:ecosystem::app/1', ARDSAOR_CORE_APP_SECRET: SECRET };

describe('the three variables of a Core over HTTP', () => {
  it('are taken together or not at all; empty is unset', () => {
    expect(read(all)).toEqual({ url: 'https://core.example', appId: 'ari:cloud:ecosystem::app/1', secret: SECRET });
    expect([read({}), read({ ARDSAOR_CORE_URL: '', ARDSAOR_CORE_APP_ID: '', ARDSAOR_CORE_APP_SECRET: '' })]).toEqual([null, null]);
  });
  it.each(Object.keys(all))('refuse in one sentence when %s is missing, and show no value', (missing) => {
    const partly = Object.fromEntries(Object.entries(all).filter(([name]) => name !== missing));
    expect(() => read(partly)).toThrow(new RegExp(`belong together.*missing: ${missing}\\)$`));
    expect(() => read(partly)).not.toThrow(SECRET);
  });
  it.each(['http://core.example', 'https://user:pass@core.example', 'https://core.example/?x', 'core.example', 'ftp://127.0.0.1'])('refuse %s for an address', (url) => {
    expect(() => read({ ...all, ARDSAOR_CORE_URL: url })).toThrow('https URL');
  });
  it('take plain http on loopback', () => {
    expect(read({ ...all, ARDSAOR_CORE_URL: 'http://127.0.0.1:8710' })?.url).toBe('http://127.0.0.1:8710');
  });
});

describe('a list of client keys', () => {
  const parse = (text: string, site: 'required' | 'optional' = 'optional') => clientKeys({ site }).safeParse(text);
  it('has one or two keys an id, each id of one site or of any', () => {
    expect(parse(`ari:x::app/1:${SECRET}, desk@acme:${SECRET},desk@acme:${SECRET}2`).data).toEqual([
      { id: 'ari:x::app/1', siteId: null, secret: SECRET }, { id: 'desk', siteId: 'acme', secret: SECRET }, { id: 'desk', siteId: 'acme', secret: `${SECRET}2` },
    ]);
  });
  it.each<readonly [what: string, text: string, site: 'required' | 'optional', message: string]>([
    ['without a site where one is needed', `desk:${SECRET}`, 'required', 'expected id@site:secret'],
    ['with a short secret', 'desk:short', 'optional', 'fewer than 32'],
    ['with a third key of an id', [1, 2, 3].map((n) => `desk:${SECRET}${n}`).join(), 'optional', 'more than 2'],
    ['with an id in two sites', `desk@acme:${SECRET},desk@globex:${SECRET}`, 'optional', 'one site'],
    ['without a secret', 'desk', 'optional', 'expected id[@site]:secret'],
  ])('is refused %s, and its secrets are not shown', (_what, text, site, message) => {
    const issue = parse(text, site).error?.issues[0]?.message ?? '';
    expect(issue).toContain(message);
    expect(issue).not.toContain(SECRET);
  });
});
