import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { StackError } from './stack-error.js';

/** What lists in the Temporal Web UI are filtered by: keys and phases, never a person. Postgres visibility allows ten Keyword and three of each other type. */
export const SEARCH_ATTRIBUTES = [
  { name: 'AccessPhase', type: 'Keyword' },
  { name: 'Tool', type: 'Keyword' },
  { name: 'Provider', type: 'Keyword' },
  { name: 'RiskTier', type: 'Keyword' },
  { name: 'Site', type: 'Keyword' },
  { name: 'PolicyVersion', type: 'Keyword' },
  { name: 'IssueKey', type: 'Keyword' },
  { name: 'PendingStage', type: 'Keyword' },
  { name: 'ExpiresAt', type: 'Datetime' },
  { name: 'ApprovalDueAt', type: 'Datetime' },
  { name: 'RecertDueAt', type: 'Datetime' },
  { name: 'NeedsManualAction', type: 'Bool' },
] as const;

/** Closed histories are kept this long; the record is in Postgres. */
export const RETENTION_DAYS = 30;

/** temporal.api.enums.v1.IndexedValueType */
const INDEXED_VALUE_TYPE = { Keyword: 2, Bool: 5, Datetime: 6 } as const;
/** google.rpc.Code as gRPC status */
const ALREADY_EXISTS = 6;
const NOT_FOUND = 5;
const REFUSED = [7, 12, 16];

export interface EngineAddress {
  /** host:port of the frontend. */
  readonly address: string;
  readonly namespace: string;
  readonly tls?: boolean;
  readonly apiKey?: string;
}

const connect = (engine: EngineAddress): Promise<Connection> =>
  Connection.connect({ address: engine.address, connectTimeout: 5_000, ...(engine.tls === true ? { tls: true } : {}), ...(engine.apiKey === undefined ? {} : { apiKey: engine.apiKey }) });

/**
 * Makes the namespace and its search attributes where they are missing, and sets the retention of a namespace it makes.
 * Without the permission for that it accepts a namespace that has all of it already.
 * @throws StackError when the server can't be reached, or something is missing that it may not make
 */
export async function ensureNamespace(engine: EngineAddress): Promise<void> {
  const connection = await connect(engine).catch((error: unknown) => {
    throw new StackError(`The Temporal server at ${engine.address} does not answer.`, 'Start it, or correct TEMPORAL_ADDRESS, TEMPORAL_TLS and TEMPORAL_API_KEY.', { cause: error });
  });
  try {
    await ensureOn(connection, engine.namespace);
  } finally {
    await connection.close();
  }
}

async function ensureOn(connection: Connection, namespace: string): Promise<void> {
  if (!(await exists(connection, namespace))) {
    await permitted(namespace, `temporal operator namespace create -n ${namespace} --retention ${RETENTION_DAYS * 24}h`, () =>
      connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs(`${RETENTION_DAYS} days`) }),
    );
  }
  const { customAttributes } = await patiently(() => connection.operatorService.listSearchAttributes({ namespace }));
  const missing = SEARCH_ATTRIBUTES.filter(({ name }) => customAttributes[name] === undefined);
  if (missing.length === 0) return;
  const command = missing.map(({ name, type }) => `temporal operator search-attribute create -n ${namespace} --name ${name} --type ${type}`).join('; ');
  await permitted(namespace, command, () =>
    connection.operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(missing.map(({ name, type }) => [name, INDEXED_VALUE_TYPE[type]])) }),
  );
}

async function exists(connection: Connection, namespace: string): Promise<boolean> {
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return true;
  } catch (error) {
    if (statusOf(error) === NOT_FOUND) return false;
    if (REFUSED.includes(statusOf(error))) throw refused(namespace, 'ask its administrator to let this client describe it', error);
    throw error;
  }
}

/** A namespace that was just made is known to all of a server's parts only seconds later. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (statusOf(error) !== NOT_FOUND || performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

async function permitted(namespace: string, command: string, call: () => Promise<unknown>): Promise<void> {
  try {
    await patiently(call);
  } catch (error) {
    if (statusOf(error) === ALREADY_EXISTS) return;
    if (REFUSED.includes(statusOf(error))) throw refused(namespace, `have its administrator run: ${command}`, error);
    throw error;
  }
}

const refused = (namespace: string, whatToDo: string, cause: unknown): StackError =>
  new StackError(`The Temporal server does not let us prepare the namespace '${namespace}'.`, `Please ${whatToDo}.`, { cause });

function statusOf(error: unknown): number {
  if (!(error instanceof Error)) return -1;
  if ('code' in error && typeof error.code === 'number') return error.code;
  return statusOf(error.cause);
}

/** The dev server gives its namespaces a day; closed runs should stay visible as long as on a cluster. */
export async function setRetention(engine: EngineAddress): Promise<void> {
  const connection = await connect(engine);
  try {
    await connection.workflowService.updateNamespace({ namespace: engine.namespace, config: { workflowExecutionRetentionTtl: msToTs(`${RETENTION_DAYS} days`) } });
  } finally {
    await connection.close();
  }
}

/** Resolves to whether a frontend answers there for this namespace within about a second. */
export async function isServing(engine: EngineAddress): Promise<boolean> {
  const connection = Connection.lazy({ address: engine.address });
  try {
    await connection.withDeadline(Date.now() + 1_000, () => connection.workflowService.describeNamespace({ namespace: engine.namespace }));
    return true;
  } catch (error) {
    if (statusOf(error) === -1) throw error;
    return false;
  } finally {
    await connection.close();
  }
}
