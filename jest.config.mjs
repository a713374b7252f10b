// Four layers (docs/architecture.md, CONTRIBUTING.md): unit next to the code, the others under test/.
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
const project = (displayName, roots, extra = {}) => ({ ...common, displayName, rootDir: import.meta.dirname, roots, testRegex: '\\.spec\\.ts$', ...extra });
const projects = [
  project('unit', ['<rootDir>/src', '<rootDir>/test/decisions']),
  project('contract', ['<rootDir>/test/contract']),
  project('medium', ['<rootDir>/test/medium', '<rootDir>/test/histories']),
  project('faults', ['<rootDir>/test/faults']),
  project('e2e', ['<rootDir>/test/e2e']),
  project('conformance', ['<rootDir>/test/conformance']),
];
const asked = process.argv.includes('--selectProjects');
// The conformance layer needs the vendors' contracts (VENDOR_CONTRACTS), which are not part of this repository: asked for by name only.
export default { maxWorkers: 2, testTimeout: 60_000, projects: asked ? projects : projects.filter((p) => p.displayName !== 'conformance') };
