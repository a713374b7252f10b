import fc from 'fast-check';
import type { ImportEntry } from '../../contracts/identity-mapping.contract.js';
import { ApiProblem } from '../common/problem.js';
import { readMappingsCsv, textOf } from './csv.js';

const HEADER = 'accountId,provider,externalLogin';
async function entries(csv: string): Promise<ImportEntry[]> {
  const read: ImportEntry[] = [];
  for await (const entry of readMappingsCsv([csv])) read.push(entry);
  return read;
}
async function refusal(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return 'none';
  } catch (error) {
    if (error instanceof ApiProblem) return [error.code, ...(error.refusal.errors ?? []).map(({ path, code }) => `${path} ${code}`)].join(': ');
    throw error;
  }
}
const faults = async (csv: string): Promise<readonly string[]> => (await entries(csv)).flatMap((entry) => ('fault' in entry ? [`${entry.line}: ${entry.fault}`] : []));
async function decoded(...pieces: readonly Uint8Array[]): Promise<string> {
  let text = '';
  for await (const piece of textOf(pieces, () => undefined)) text += piece;
  return text;
}

describe('the CSV of identity mappings', () => {
  it('is read with either line end, with quotes and with empty lines', async () => {
    expect(await entries(`${HEADER}\r\nada,okta,ada@example.com\r\n\r\n"bob","entra","b""ob@example.com"\n`)).toEqual([
      { line: 2, row: { accountId: 'ada', provider: 'okta', externalLogin: 'ada@example.com' } },
      { line: 4, row: { accountId: 'bob', provider: 'entra', externalLogin: 'b"ob@example.com' } },
    ]);
  });

  it('gives back what was written, whatever the logins', async () => {
    const login = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).filter((text) => text.trim() !== '' && !/[\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u.test(text));
    await fc.assert(fc.asyncProperty(fc.array(login, { maxLength: 20 }), fc.constantFrom('\n', '\r\n'), async (logins, end) => {
      const csv = [HEADER, ...logins.map((text, n) => `user-${n},okta,"${text.replaceAll('"', '""')}"`)].join(end);
      expect(await entries(csv)).toEqual(logins.map((externalLogin, n) => ({ line: n + 2, row: { accountId: `user-${n}`, provider: 'okta', externalLogin } })));
    }));
  });

  it('keeps a row that can\'t be read as one, with what is wrong with it and nothing that was in it', async () => {
    const read = await faults(`${HEADER}\nada,okta,a@example.com\nbob,secret-1,b@example.com\ncarl,okta\nx,okta,y,secret-2\n"dora",okta,"a\nsecret-3"\n`);
    expect(read).toEqual([
      '3: provider: This value is not one of those allowed (okta, entra)', expect.stringMatching(/^4: externalLogin: This field is required/), expect.stringMatching(/^5: column4: This field does not exist/),
      '6: externalLogin: Must be one line without control characters',
    ]);
    expect(read.join()).not.toContain('secret');
  });

  it.each([
    ['another header', 'a,b,c\n', 'body.invalid: line 1 bad_header'],
    ['no header', '', 'body.invalid: line 1 bad_header'],
    ['columns in another order', 'provider,accountId,externalLogin\n', 'body.invalid: line 1 bad_header'],
    ['an open quote', `${HEADER}\n"ada,okta,a`, 'body.invalid: line 2 bad_quotes'],
    ['text after a quoted field', `${HEADER}\nx,okta,y\n"ada"x,okta,a`, 'body.invalid: line 3 bad_quotes'],
    ['too many rows', `${HEADER}\n${'a,okta,a\n'.repeat(100_001)}`, 'body.invalid: csv too_big'],
  ])('refuses a file with %s', async (_what, csv, expected) => {
    expect(await refusal(() => entries(csv))).toBe(expected);
  });
});

describe('the text of a body', () => {
  it('is put together from whatever pieces arrive, without its byte order mark', async () => {
    const bytes = Buffer.from('\u{FEFF}añ€😀\r\n', 'utf8');
    expect(await decoded(...Array.from(bytes, (_byte, at) => bytes.subarray(at, at + 1)))).toBe('añ€😀\r\n');
  });
  it('is refused when it is no UTF-8, or ends in the middle of a character', async () => {
    expect(await refusal(() => decoded(Buffer.from([0x61, 0xff])))).toBe('body.malformed');
    expect(await refusal(() => decoded(Buffer.from([0x61, 0xe2, 0x82])))).toBe('body.malformed');
  });
  it('is refused when it is too large, before all of it is there', async () => {
    let given = 0;
    const endless = (function* () { for (;;) { given += 1; yield Buffer.alloc(1024 * 1024, 97); } })();
    expect(await refusal(async () => { for await (const piece of textOf(endless, () => undefined)) expect(piece).not.toBe(''); })).toBe('body.too_large');
    expect(given).toBeLessThan(30);
  });
});
