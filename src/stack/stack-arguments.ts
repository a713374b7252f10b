import { parseArgs, types } from 'node:util';
import { StackError, systemErrorCode } from './stack-error.js';

export interface StackArguments {
  readonly help: boolean;
  /** Walk one request through, print the result, stop everything, exit 0 or 1. */
  readonly walk: boolean;
  /** Folder of all data; absent: the environment's or the default. */
  readonly dataDir: string | undefined;
  /** First of the ports; 0: free ones. */
  readonly port: number;
}

const FIRST_PORT = 8700;

/** Distances from the first port. One number moves them all, so that two stacks never meet half-way. */
export const PORT_OFFSETS = { api: 0, temporal: 1, temporalUi: 2, postgres: 3, okta: 10, entra: 11, entraTls: 12, jira: 13, secondJira: 14, forgeKeys: 15 } as const;
export const LAST_OFFSET = Math.max(...Object.values(PORT_OFFSETS));
export type PortName = keyof typeof PORT_OFFSETS;

export const USAGE = `Usage: npm start [-- OPTIONS]

Starts everything on this machine: Postgres, Temporal with its Web UI, the sandbox vendors, the API and both workers.
It walks one sample request through and then serves until Ctrl-C. Started again it goes on with the same data.

  --walk        walk one sample request through, print the result and exit 0 (verified) or 1
  --data DIR    folder for all data (default .aiclearance)
  --port N      first port; N to N+${LAST_OFFSET} are used (default ${FIRST_PORT}); 0 takes free ports
  --help        this text

DATABASE_URL and TEMPORAL_ADDRESS name servers of your own instead of the embedded ones; README.md lists all variables.
`;

/** @throws StackError for what is not understood */
export function readArguments(args: readonly string[]): StackArguments {
  const { values } = parse(args);
  const port = Number(values.port ?? FIRST_PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535 - LAST_OFFSET) throw new StackError(`--port ${values.port ?? ''} is not a port number.`, `Choose one from 1024 to ${65_535 - LAST_OFFSET}, or 0 for free ports.`);
  return { help: values.help ?? false, walk: values.walk ?? false, dataDir: values.data, port };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], strict: true, allowPositionals: false, options: { walk: { type: 'boolean' }, data: { type: 'string' }, port: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
  } catch (error) {
    if (!types.isNativeError(error) || systemErrorCode(error)?.startsWith('ERR_PARSE_ARGS') !== true) throw error;
    throw new StackError(`${error.message.split('. ')[0] ?? error.message}.`, 'npm start -- --help lists what is understood.', { cause: error });
  }
}
