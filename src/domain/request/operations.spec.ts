import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WAKE_REASONS } from './operations.js';

const SRC = join(import.meta.dirname, '..', '..');
const isProduct = (name: string): boolean => name.endsWith('.ts') && !/\.spec\.ts$|\/testing\/|^sandbox\/|^domain\/request\/operations\.ts$/.test(name);

describe('wake reasons', () => {
  it('are each sent by the product: one that nobody sends explains nothing in a history', () => {
    const text = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(isProduct).map((name) => readFileSync(join(SRC, name), 'utf8')).join('\n');
    expect(WAKE_REASONS.filter((reason) => !text.includes(`'${reason}'`))).toEqual([]);
  });
});
