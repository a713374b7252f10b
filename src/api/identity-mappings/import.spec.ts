import { z } from 'zod';
import { ApiHarness, type Answer } from '../testing/api-harness.js';

const HEADER = 'accountId,provider,externalLogin';
const PATH = '/api/v1/identity-mappings/import';
const problem = z.looseObject({ code: z.string() });
const noted = z.object({ query: z.unknown(), entries: z.array(z.unknown()) });

describe('a CSV that is sent', () => {
  let api: ApiHarness;
  beforeAll(async () => { api = await ApiHarness.start(); });
  afterAll(() => api.close());
  const send = (raw: string | Buffer, as: string | null = 'root', query = '', headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
    api.ask('POST', `${PATH}${query}`, { ...(as === null ? {} : { as }), raw, headers: { 'content-type': 'text/csv', ...headers } });
  const codeOf = ({ json }: Answer): string => problem.parse(json).code;
  const imports = () => api.state.commands.filter(({ name }) => name === 'import');

  it('is taken with its wish, and its hash tells another file and another wish', async () => {
    const [one, again, dry, other] = [`${HEADER}\nada,okta,a\n`, `${HEADER}\nada,okta,a\n`, `${HEADER}\nada,okta,a\n`, `${HEADER}\nada,okta,b\n`];
    for (const [csv, query] of [[one, ''], [again, ''], [dry, '?dryRun=true'], [other, '']] as const) expect((await send(csv, 'root', query)).status).toBe(200);
    const [first, second, third, fourth] = imports();
    expect(noted.parse(third?.input)).toEqual({ query: { dryRun: true, aliases: 'refuse' }, entries: [{ line: 2, row: { accountId: 'ada', provider: 'okta', externalLogin: 'a' } }] });
    expect(second?.context.bodyHash).toBe(first?.context.bodyHash);
    expect(new Set([first, third, fourth].map((one_) => one_?.context.bodyHash)).size).toBe(3);
  });

  it('is not read before it is known who sends it', async () => {
    const before = imports().length;
    expect(codeOf(await send(`${HEADER}\n`, null))).toBe('auth.missing');
    expect(codeOf(await send(`${HEADER}\n`, 'ada'))).toBe('auth.forbidden');
    expect(imports()).toHaveLength(before);
  });

  it('may be far larger than other bodies, and not without end', async () => {
    const rows = `${HEADER}\n${Array.from({ length: 50_000 }, (_none, n) => `person-${n},okta,person-${n}@acme.example\n`).join('')}`;
    expect(rows.length).toBeGreaterThan(1_500_000);
    expect((await send(rows)).json).toMatchObject({ rows: 50_000 });
    const answer = await send(`${HEADER}\n${'\n'.repeat(25 * 1024 * 1024)}`);
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 413, code: 'body.too_large' });
  });

  it.each([['another character set', `${HEADER}\n`, { 'content-type': 'text/csv; charset=latin1' }, 'content_type.unsupported'], ['bytes that are not UTF-8', Buffer.from([0x61, 0xff]), {}, 'body.malformed']])('is refused in %s', async (_what, raw, headers, code) => {
    expect(codeOf(await send(raw, 'root', '', headers))).toBe(code);
  });
});
