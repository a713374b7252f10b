import { existsSync } from 'node:fs';
// Six layers (CONTRIBUTING.md, tests): unit next to the code, the others under test/.
const common = {
  testEnvironment: 'node',
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': ['@swc/jest', {
      swcrc: false,
      module: { type: 'es6' },
      sourceMaps: true,
      jsc: {
        target: 'es2022',
        keepClassNames: true,
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
      },
    }],
  },
};
// git keeps no empty folder: a layer may name one that a checkout does not have yet.
const present = (roots) => roots.filter((root) => existsSync(root.replace('<rootDir>', import.meta.dirname)));
const project = (displayName, roots, extra = {}) => ({ ...common, displayName, rootDir: import.meta.dirname, roots: present(roots), testRegex: '\\.spec\\.ts$', ...extra });
// One Postgres and one Temporal dev server for the whole run; each test file has a database and a namespace of its own (test/support).
const servers = { globalSetup: '<rootDir>/test/support/global-setup.mjs', globalTeardown: '<rootDir>/test/support/global-teardown.mjs' };
const projects = [
  project('unit', ['<rootDir>/src', '<rootDir>/test/decisions']),
  project('contract', ['<rootDir>/test/contract']),
  project('medium', ['<rootDir>/test/medium', '<rootDir>/test/histories', '<rootDir>/test/support'], servers),
  project('faults', ['<rootDir>/test/faults'], servers),
  project('e2e', ['<rootDir>/test/e2e'], servers),
  project('conformance', ['<rootDir>/test/conformance']),
];
const asked = process.argv.includes('--selectProjects');
// Asked for by name only: the conformance layer needs the vendors' contracts (VENDOR_CONTRACTS), which are not part of this repository; the fault sweeps
// drive hundreds of (call, fault) pairs through waits of the real back-off and take minutes (npm run test:faults).
export default { maxWorkers: 2, testTimeout: 60_000, projects: asked ? projects : projects.filter((p) => p.displayName !== 'conformance' && p.displayName !== 'faults') };
