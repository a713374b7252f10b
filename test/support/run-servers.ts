/** Addresses that test/support/global-setup.mjs leaves for the test files of a run. */
export function runServer(variable: 'TEST_POSTGRES_URL' | 'TEST_TEMPORAL_ADDRESS' | 'TEST_TIME_SKIPPING_SERVER'): string {
  const value = process.env[variable];
  if (value !== undefined && value !== '') return value;
  const why = process.env['TEST_TIME_SKIPPING_MISSING'] ?? 'is this test in a Jest project with globalSetup?';
  throw new Error(`${variable} is not set: ${why}`);
}
