import fc from 'fast-check';
import { MAX_IMPORT_ROWS, readMappingsCsv } from './csv.js';

const HEADER = 'accountId,provider,externalLogin';
const faults = (csv: string) => {
  const read = readMappingsCsv(csv);
  return read.ok ? [] : read.error.map(({ path, code }) => `${path} ${code}`);
};

describe('the CSV of identity mappings', () => {
  it('is read with either line end, with quotes, with a byte order mark and with empty lines', () => {
    expect(readMappingsCsv(`\u{FEFF}${HEADER}\r\nada,okta,ada@example.com\r\n\r\n"bob","entra","b""ob@example.com"\n`)).toEqual({ ok: true, value: [
      { accountId: 'ada', provider: 'okta', externalLogin: 'ada@example.com', line: 2 },
      { accountId: 'bob', provider: 'entra', externalLogin: 'b"ob@example.com', line: 4 },
    ] });
  });

  it('gives back what was written, whatever the logins', () => {
    const login = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).filter((text) => text.trim() !== '' && !/[\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u.test(text));
    fc.assert(fc.property(fc.array(login, { maxLength: 20 }), fc.constantFrom('\n', '\r\n'), (logins, end) => {
      const csv = [HEADER, ...logins.map((text, n) => `user-${n},okta,"${text.replaceAll('"', '""')}"`)].join(end);
      expect(readMappingsCsv(csv)).toEqual({ ok: true, value: logins.map((externalLogin, n) => ({ accountId: `user-${n}`, provider: 'okta', externalLogin, line: n + 2 })) });
    }));
  });

  it('refuses the whole file and names every line at fault', () => {
    expect(faults(`${HEADER}\nada,okta,a@example.com\nbob,ldap,b@example.com\ncarl,okta\nada,okta,again@example.com\nx,okta,y,z\n`)).toEqual([
      'line 3: provider not_allowed', 'line 4: externalLogin required', 'line 5 repeated_item', 'line 6: column4 unknown_field',
    ]);
  });

  it('counts lines as an editor does, also after a quoted line break', () => {
    expect(faults(`${HEADER}\nada,okta,"a\nb"\nbob,ldap,b@example.com`)).toEqual(['line 2: externalLogin control_character', 'line 4: provider not_allowed']);
  });

  it.each([
    ['another header', 'a,b,c\n', ['line 1 bad_header']],
    ['no header', '', ['line 1 bad_header']],
    ['an open quote', `${HEADER}\n"ada,okta,a`, ['csv bad_quotes']],
    ['text after a quoted field', `${HEADER}\n"ada"x,okta,a`, ['csv bad_quotes']],
    ['a comma at the end', `${HEADER}\nada,okta,a@example.com,`, ['line 2: column4 unknown_field']],
    ['too many lines', `${HEADER}\n${'ada,okta,a\n'.repeat(MAX_IMPORT_ROWS + 1)}`, ['csv too_big']],
  ])('refuses %s', (_what, csv, expected) => {
    expect(faults(csv)).toEqual(expected);
  });

  it('never throws or loops, whatever the text', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a', ' ') }), (csv) => {
      expect(typeof readMappingsCsv(csv).ok).toBe('boolean');
      expect(typeof readMappingsCsv(`${HEADER}\n${csv}`).ok).toBe('boolean');
    }));
  });
});
