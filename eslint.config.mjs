import tseslint from 'typescript-eslint';

const pure = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Pass `now` in: domain and workflow code has no clock.' },
  { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: 'Pass `now` in: domain and workflow code has no clock.' },
  { selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']", message: 'Pass ids and randomness in.' },
];
const noEnv = { selector: "MemberExpression[object.name='process'][property.name='env']", message: 'Only src/config reads process.env.' };
const noThrow = { selector: 'ThrowStatement', message: 'Domain functions return Result; they do not throw.' };

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', '**/*.mjs', '**/*.cjs', '.aiclearance/**'] },
  {
    files: ['src/**/*.ts', 'src/**/*.cts', 'test/**/*.ts', 'bench/**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      // Nest modules are classes without members; numbers in templates read well; zod and TypeORM give void-returning arrows.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'max-lines': ['error', { max: 400 }],
      complexity: ['error', 12],
      'no-restricted-syntax': ['error', noEnv],
    },
  },
  // A describe block is one function to the linter; the lines of a test file are bounded, its blocks are not.
  { files: ['**/*.spec.ts', 'test/**/*.ts', 'bench/**/*.ts'], rules: { 'max-lines-per-function': 'off' } },
  { files: ['src/config/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts'], rules: { 'no-restricted-syntax': 'off' } },
  { files: ['src/workflows/**/*.ts'], ignores: ['**/*.spec.ts'], rules: { 'no-restricted-syntax': ['error', noEnv, ...pure] } },
  { files: ['src/domain/**/*.ts'], ignores: ['**/*.spec.ts'], rules: { 'no-restricted-syntax': ['error', noEnv, noThrow, ...pure] } },
);
