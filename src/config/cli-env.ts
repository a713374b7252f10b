/** What the command line takes from the environment; empty strings count as unset. */
export interface CliEnvironment {
  /** Base URL of the API. */
  readonly url: string | undefined;
  /** Bearer token: never printed, never an argument, since arguments are visible to every process of the machine. */
  readonly token: string | undefined;
  /** The two below are only for `doctor`, which looks whether anybody listens there. */
  readonly databaseUrl: string | undefined;
  readonly temporalAddress: string | undefined;
}

export function readCliEnvironment(source: Readonly<Record<string, string | undefined>> = process.env): CliEnvironment {
  const given = (name: string): string | undefined => (source[name] === undefined || source[name].trim() === '' ? undefined : source[name].trim());
  return { url: given('AICLEARANCE_URL'), token: given('AICLEARANCE_TOKEN'), databaseUrl: given('DATABASE_URL'), temporalAddress: given('TEMPORAL_ADDRESS') };
}
