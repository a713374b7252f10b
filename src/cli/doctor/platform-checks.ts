import { z } from 'zod';
import type { CliEnvironment } from '../../config/cli-env.js';
import { shownReady } from '../answers.js';
import type { ApiClient } from '../api-client.js';
import { CliProblem } from '../cli-problem.js';
import { fail, ok, warn, type Check } from './check.js';
import { addressOfHostPort, addressOfUrl, isListening, nameOf, type Address } from './reach.js';

/** What the API says of itself and of what it stands on; null for a part that nobody could be asked about. */
export interface Platform { readonly checks: readonly Check[]; readonly isLive: boolean; readonly hasDatabase: boolean }

const POSTGRES_PORT = 5432;
const TEMPORAL_PORT = 7233;

/** API, database, engine and workers; also when the API is down, as far as their addresses are known. */
export async function checkPlatform(api: ApiClient, environment: CliEnvironment): Promise<Platform> {
  const live = await checkApi(api);
  const parts = live.status === 'ok' ? await readyParts(api) : null;
  const [database, engine] = await Promise.all([checkDatabase(parts?.database ?? null, environment), checkEngine(parts?.engine ?? null, environment)]);
  return { checks: [live, ...database, ...engine, ...checkWorkers(parts)], isLive: live.status === 'ok', hasDatabase: parts?.database === 'up' };
}

async function checkApi(api: ApiClient): Promise<Check> {
  try {
    await api.probe('/health/live', z.looseObject({ status: z.literal('live') }));
    return ok('api', `answers at ${api.baseUrl}`);
  } catch (error) {
    if (!(error instanceof CliProblem)) throw error;
    return fail('api', error.message, 'Start it (npm start, or the api process), or name another one with --url or AICLEARANCE_URL.');
  }
}

type Parts = z.infer<typeof shownReady>['parts'];
async function readyParts(api: ApiClient): Promise<Parts | null> {
  try {
    return (await api.probe('/health/ready', shownReady)).value.parts;
  } catch (error) {
    if (error instanceof CliProblem) return null;
    throw error;
  }
}

/** They report to the database, so without it nothing is known of them. */
function checkWorkers(parts: Parts | null): readonly Check[] {
  if (parts?.database !== 'up') return [];
  return [
    parts.governanceWorker === 'up' ? ok('workers', 'a governance worker works') : fail('workers', 'no governance worker: requests are taken in, and nothing happens to them', 'Start one: node dist/worker/main.js governance; its log says why it stopped.'),
    parts.coreWorker === 'up' ? ok('workers', 'a core worker works') : fail('workers', 'no core worker: nothing is added or removed at a provider', 'Start one: node dist/worker/main.js core; its log says why it stopped. With ARDSAOR_CORE_URL the governance worker\'s log says why Core does not answer.'),
  ];
}

async function checkDatabase(said: string | null, { databaseUrl }: CliEnvironment): Promise<readonly Check[]> {
  const address = databaseUrl === undefined ? null : addressOfUrl(databaseUrl, POSTGRES_PORT);
  if (databaseUrl !== undefined && address === null) return [...saidBy(said, 'database', 'DATABASE_URL'), warn('database', 'DATABASE_URL names no host', 'Write postgresql://role@host:port/database.')];
  return [...saidBy(said, 'database', 'DATABASE_URL', address), ...(await reached('database', 'Postgres', 'DATABASE_URL', address))];
}

async function checkEngine(said: string | null, { temporalAddress }: CliEnvironment): Promise<readonly Check[]> {
  const address = temporalAddress === undefined ? null : addressOfHostPort(temporalAddress, TEMPORAL_PORT);
  return [...saidBy(said, 'engine', 'TEMPORAL_ADDRESS', address), ...(await reached('engine', 'Temporal', 'TEMPORAL_ADDRESS', address))];
}

/** What the API said of a part; silence is a warning only where nothing else can be asked. */
function saidBy(said: string | null, part: 'database' | 'engine', variable: string, address: Address | null = null): readonly Check[] {
  const name = part === 'database' ? 'Postgres' : 'Temporal';
  if (said === 'up') return [ok(part, `the API reaches ${name}`)];
  if (said !== null) return [fail(part, `the API can't reach ${name}`, `Start ${name}, or correct the API's ${variable}; the API comes back by itself.`)];
  return address === null ? [warn(part, 'not known while the API does not say', `Set ${variable} to have it looked at directly.`)] : [];
}

async function reached(part: 'database' | 'engine', name: string, variable: string, address: Address | null): Promise<readonly Check[]> {
  if (address === null) return [];
  return (await isListening(address))
    ? [ok(part, `${name} listens at ${nameOf(address)}`)]
    : [fail(part, `nobody listens at ${nameOf(address)} (${variable})`, `Start ${name} there, or correct ${variable}.`)];
}
