import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '../..');
const BUNDLE = join(ROOT, 'dist/workflow-bundle.js');
const sourceMap = z.object({ sources: z.array(z.string()) });

/** The engine's own packages and what those need inside the sandbox. A new one is a decision: it makes every run slower to start. */
const PACKAGES = ['@temporalio/common', '@temporalio/workflow', 'long', 'ms', 'nexus-rpc'];
const OURS = /^(src|dist)\/(workflows|domain)\//;

/** Every file that webpack put into the bundle, relative to the repository; the map is the last thing in it. */
function filesIn(code: string): readonly string[] {
  const encoded = code.slice(code.lastIndexOf('sourceMappingURL=data:')).match(/base64,([A-Za-z0-9+/=]+)/)?.[1];
  const { sources } = sourceMap.parse(JSON.parse(Buffer.from(encoded ?? '', 'base64').toString()));
  return sources.filter((source) => !source.startsWith('webpack/')).map((source) => (source.startsWith(`${ROOT}/`) ? source.slice(ROOT.length + 1) : source));
}
const packageOf = (file: string): string | undefined => file.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1];
const isStranger = (file: string): boolean => (packageOf(file) === undefined ? !OURS.test(file) : !PACKAGES.includes(packageOf(file) ?? ''));

describe('the workflow bundle', () => {
  it('is built', () => {
    expect(existsSync(BUNDLE)).toBe(true);
  });

  it('holds workflows, domain and the engine\'s own packages, and nothing else', () => {
    const files = filesIn(readFileSync(BUNDLE, 'utf8'));
    expect(files).toEqual(expect.arrayContaining(['src/workflows/access-request/access-request.workflow.ts', 'dist/workflows/failure-converter.cjs']));
    expect(files.filter(isStranger)).toEqual([]);
  });

  it('would be refused with a stranger inside', async () => {
    const folder = await mkdtemp(join(ROOT, 'dist/bundle-test-'));
    try {
      await writeFile(join(folder, 'strange.workflow.mjs'), 'import canonicalize from "canonicalize";\nexport async function strange() { return canonicalize({}); }\n');
      const { code } = await bundleWorkflowCode({ workflowsPath: join(folder, 'strange.workflow.mjs'), logger: new DefaultLogger('ERROR') });
      const strangers = filesIn(code).filter(isStranger);
      expect(strangers.map(packageOf)).toContain('canonicalize');
      expect(strangers.some((file) => file.endsWith('/strange.workflow.mjs'))).toBe(true);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
