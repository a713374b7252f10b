// Lives each life of test/histories/lives.ts on the whole product and keeps its engine history in test/histories/recorded,
// for test/histories/replay.spec.ts. Needed when a life is added, and when a change of the workflow ends the support of
// runs that older versions began; never to make a failing replay pass while such runs exist. Lives named as arguments are the only ones recorded anew.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const names = process.argv.slice(2);
const only = names.length === 0 ? [] : ['--testNamePattern', `: (${names.join('|')})$`];
const { status } = spawnSync(process.execPath, ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--selectProjects', 'medium', '--testPathPatterns', 'test/histories/record.spec', ...only], {
  cwd: fileURLToPath(new URL('..', import.meta.url)), stdio: 'inherit', env: { ...process.env, RECORD_HISTORIES: '1' },
});
process.exit(status ?? 1);
