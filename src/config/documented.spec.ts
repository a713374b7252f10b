import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const CONFIG = join(process.cwd(), 'src/config');
const NAME = /[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|SANDBOX/;
/** A variable is a member of a schema (`  NAME: …`, also several on a line) or is asked for by its name (`given('NAME')`). */
const READ = new RegExp(`(?:(?:^|[{,]) *(${NAME.source}):|given\\('(${NAME.source})'\\))`, 'gm');

const readByCode = (): Set<string> => {
  const sources = readdirSync(CONFIG).filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts')).map((name) => readFileSync(join(CONFIG, name), 'utf8'));
  return new Set(sources.flatMap((source) => [...source.matchAll(READ)].flatMap(([, member, asked]) => member ?? asked ?? [])));
};
/** Names in the first column of the configuration table, written out in full so that a search finds them. */
const inReadme = (): Set<string> => {
  const [, section = ''] = /^## Configuration\n(.*?)^## /ms.exec(readFileSync(join(process.cwd(), 'README.md'), 'utf8')) ?? [];
  const columns = section.split('\n').filter((line) => line.startsWith('| `')).map((line) => line.split('|')[1] ?? '');
  return new Set(columns.flatMap((column) => [...column.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)));
};

describe('the configuration table of the README', () => {
  it('has every variable that a process reads', () => {
    const documented = inReadme();
    expect(readByCode().size).toBeGreaterThan(60);
    expect([...readByCode()].filter((name) => !documented.has(name))).toEqual([]);
  });

  it('has no variable that nobody reads', () => {
    const read = readByCode();
    expect([...inReadme()].filter((name) => !read.has(name))).toEqual([]);
  });
});
