import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refusalOf } from '../../test/support/stack-error.js';
import { keepSecret, loadSecrets } from './secrets.js';

describe('the secrets of a data folder', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'aiclearance-secrets-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it('are 32 random bytes each, made once and kept', async () => {
    const first = await loadSecrets(dataDir, ['one', 'two']);
    const second = await loadSecrets(dataDir, ['two', 'three']);
    expect(Buffer.from(first.one, 'base64url')).toHaveLength(32);
    expect(first.one).not.toBe(first.two);
    expect(second.two).toBe(first.two);
  });

  it('can be read by their owner only', async () => {
    await loadSecrets(dataDir, ['one']);
    const { mode } = await stat(join(dataDir, 'secrets.json'));
    expect(mode & 0o777).toBe(0o600);
  });

  it('are all kept when several parts ask for theirs at once', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `s${i}`);
    const made = await Promise.all(names.map((name) => loadSecrets(dataDir, [name])));
    const kept = await loadSecrets(dataDir, names);
    expect(made.map((one, i) => one[`s${i}`])).toEqual(names.map((name) => kept[name]));
  });

  it('keep a secret that is made elsewhere, and make it once', async () => {
    let made = 0;
    const make = () => Promise.resolve(`pair-${(made += 1)}`);
    const got = await Promise.all([keepSecret(dataDir, 'pair', make), keepSecret(dataDir, 'pair', make), loadSecrets(dataDir, ['other'])]);
    expect(got.slice(0, 2)).toEqual(['pair-1', 'pair-1']);
    expect(await readFile(join(dataDir, 'secrets.json'), 'utf8')).toContain('pair-1');
  });

  it('are not replaced when the file is damaged: the start stops and says what to do', async () => {
    await writeFile(join(dataDir, 'secrets.json'), '{"one":');
    expect((await refusalOf(loadSecrets(dataDir, ['one']))).whatToDo).toContain('backup');
    expect(await readFile(join(dataDir, 'secrets.json'), 'utf8')).toBe('{"one":');
  });
});
