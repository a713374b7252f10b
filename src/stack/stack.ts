import { existsSync } from 'node:fs';
import { access, constants, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { StackEnvironment } from '../config/stack-env.js';
import { generateSealingKeys } from '../integrations/sealing/asymmetric-sealing.js';
import { createSymmetricSealing } from '../integrations/sealing/symmetric-sealing.js';
import { jiraCredentialContext } from '../application/ports/sealing.port.js';
import { allowClockMoves, bootstrapDatabase, registerSite } from '../persistence/bootstrap.js';
import type { DatabaseUrls } from '../persistence/bootstrap.js';
import { worldSites } from '../sandbox/world.js';
import { lockDataFolder } from './data-lock.js';
import type { DataLock } from './data-lock.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';
import { apiEnvironment, coreEnvironment, governanceEnvironment, SECRET_NAMES } from './environments.js';
import type { EngineAccess, StackFacts, StackSecrets } from './environments.js';
import { LogFile } from './log-file.js';
import { startNodeProcess } from './node-process.js';
import type { NodeProcess } from './node-process.js';
import { claimPort, freePortBlock } from './ports.js';
import { ProductClient } from './product-client.js';
import { sandboxReady } from './sandbox-ready.js';
import type { SandboxReady } from './sandbox-ready.js';
import { keepSecret, loadSecrets } from './secrets.js';
import { seedSandbox } from './seed.js';
import { LAST_OFFSET, PORT_OFFSETS } from './stack-arguments.js';
import type { PortName } from './stack-arguments.js';
import { StackError, systemErrorCode } from './stack-error.js';
import { Supervisor } from './supervisor.js';
import { findTemporalBinary } from './temporal-binary.js';
import { ensureNamespace } from './temporal-namespace.js';
import { startTemporalServer } from './temporal-server.js';

export interface StackOptions {
  readonly environment: StackEnvironment;
  readonly dataDir: string;
  /** First port, 0 for free ones. */
  readonly port: number;
  /** One sentence a time: progress and what went wrong and was mended. */
  readonly onEvent: (sentence: string) => void;
}

export interface Stack {
  readonly apiUrl: string;
  readonly dataDir: string;
  readonly isNew: boolean;
  readonly engine: EngineAccess;
  readonly sandbox: SandboxReady;
  readonly databaseLabel: string;
}

type Ports = Readonly<Record<PortName, number>>;
/** What is ended first has the highest number: first no new requests, then no new steps, then what they used. */
const WAVE = { servers: 1, sandbox: 2, workers: 3, api: 4 } as const;
const PURPOSE: Readonly<Record<PortName, string>> = {
  api: 'API', temporal: 'Temporal', temporalUi: 'Temporal Web UI', postgres: 'Postgres', okta: 'sandbox Okta', entra: 'sandbox Microsoft Graph', entraTls: 'sandbox Microsoft token endpoint', jira: 'sandbox Jira', secondJira: "sandbox Jira of the second site", forgeKeys: "sandbox Forge's keys",
};

/** Everything that `npm start` runs on this machine, and the order in which it starts and ends. */
export class EmbeddedStack {
  readonly #supervisor: Supervisor;
  readonly #logs = new Map<string, LogFile>();
  #lock: DataLock | undefined;

  constructor(private readonly options: StackOptions) {
    this.#supervisor = new Supervisor({ onEvent: options.onEvent, onProcess: (name, pid) => this.#lock?.note(name, pid) });
  }

  /**
   * Starts all of it and resolves when a person can use it.
   * @throws StackError; call `stop` all the same
   */
  async start(): Promise<Stack> {
    const dataDir = resolve(this.options.dataDir);
    const isNew = !existsSync(join(dataDir, 'secrets.json'));
    this.#lock = await lockDataFolder(dataDir);
    const ports = await claimPorts(this.options, dataDir);
    const apiUrl = `http://127.0.0.1:${ports.api}`;
    const secrets = await loadSecrets(dataDir, SECRET_NAMES);
    // All have settled before the first failure is passed on: nothing may still be starting when the rest is ended.
    const parts = [this.#database(dataDir, ports, secrets), this.#engine(dataDir, ports), this.#sandbox(dataDir, ports), sealingKeys(dataDir)] as const;
    await Promise.allSettled(parts);
    const [database, engine, sandbox, sealing] = await Promise.all(parts);
    const facts: StackFacts = { inherited: this.options.environment.inherited, secrets, sealingPublicKeys: sealing.publicJwks, sealingPrivateKeys: sealing.privateJwks, database, engine, sandbox, apiPort: ports.api };
    await registerSites(facts);
    const processes = [
      this.#node('governance', WAVE.workers, 'worker/main.js', ['governance'], governanceEnvironment(facts)),
      this.#node('core', WAVE.workers, 'worker/main.js', ['core'], coreEnvironment(facts)),
      this.#node('api', WAVE.api, 'api/main.js', [], apiEnvironment(facts)),
    ];
    await Promise.allSettled(processes);
    await Promise.all(processes);
    const client = new ProductClient(apiUrl);
    await client.untilWorkersWork();
    await seedSandbox(client, { okta: sandbox.okta, entra: sandbox.entra, entitlementGroupIds: sandbox.entitlementGroupIds });
    return { apiUrl, dataDir, isNew, engine, sandbox, databaseLabel: labelOf(database.migrationUrl) };
  }

  /** Ends what was started, in order, and nothing else. */
  async stop(): Promise<void> {
    await this.#supervisor.stop();
    await this.#lock?.release();
    for (const log of this.#logs.values()) log.close();
    this.#logs.clear();
  }

  #log(name: string): (line: string) => void {
    const known = this.#logs.get(name);
    const log = known ?? new LogFile(join(resolve(this.options.dataDir), 'logs', `${name}.log`));
    this.#logs.set(name, log);
    return (line) => log.write(line);
  }

  async #database(dataDir: string, ports: Ports, secrets: StackSecrets): Promise<DatabaseUrls> {
    const { databaseUrl } = this.options.environment;
    const superuserUrl = databaseUrl ?? (await this.#supervisor.run('postgres', WAVE.servers, () => startEmbeddedPostgres({ dataDir, port: ports.postgres, onLog: this.#log('postgres') }))).superuserUrl;
    const passwords = { owner: secrets.dbOwner, api: secrets.dbApi, governance: secrets.dbGovernance, core: secrets.dbCore, sealer: secrets.dbSealer, keeper: secrets.dbKeeper };
    try {
      const urls = await bootstrapDatabase({ superuserUrl, passwords });
      await allowClockMoves(urls.migrationUrl);
      return urls;
    } catch (error) {
      if (databaseUrl === undefined) throw error;
      throw new StackError(`The Postgres server of DATABASE_URL can't be prepared: ${error instanceof Error ? error.message : String(error)}.`, 'It must answer, and its role must be allowed to create roles and databases; or unset DATABASE_URL.', { cause: error });
    }
  }

  async #engine(dataDir: string, ports: Ports): Promise<EngineAccess> {
    const { temporalAddress, temporalNamespace: namespace, temporalTls: tls, temporalApiKey: apiKey, temporalUiUrl, path } = this.options.environment;
    if (temporalAddress !== undefined) {
      await ensureNamespace({ address: temporalAddress, namespace, tls, ...(apiKey === undefined ? {} : { apiKey }) });
      return { address: temporalAddress, namespace, uiUrl: temporalUiUrl, tls, apiKey };
    }
    const binary = await findTemporalBinary('cli', { path, cacheDir: await this.#cacheDir(dataDir), onProgress: this.options.onEvent });
    const server = await this.#supervisor.run('temporal', WAVE.servers, () =>
      startTemporalServer({ binary, namespace, dbFilename: join(dataDir, 'temporal.db'), port: ports.temporal, uiPort: ports.temporalUi, codecEndpoint: `http://127.0.0.1:${ports.api}/codec`, onLog: this.#log('temporal') }),
    );
    return { address: server.address, namespace, uiUrl: server.uiUrl ?? undefined, tls: false, apiKey: undefined };
  }

  /** The cache of the user, so that another data folder needs no second download; the data folder where there is no home to write to. */
  async #cacheDir(dataDir: string): Promise<string> {
    const { cacheDir } = this.options.environment;
    try {
      await mkdir(cacheDir, { recursive: true });
      await access(cacheDir, constants.W_OK);
      return cacheDir;
    } catch (error) {
      if (systemErrorCode(error) === undefined) throw error;
      return join(dataDir, 'cache');
    }
  }

  async #sandbox(dataDir: string, ports: Ports): Promise<SandboxReady> {
    const environment = {
      NODE_ENV: 'production', ...this.options.environment.inherited,
      SANDBOX_DATA_DIR: join(dataDir, 'sandbox'), SANDBOX_PRODUCT_URL: `http://127.0.0.1:${ports.api}`,
      SANDBOX_OKTA_PORT: String(ports.okta), SANDBOX_ENTRA_PORT: String(ports.entra), SANDBOX_ENTRA_TLS_PORT: String(ports.entraTls), 
      SANDBOX_JIRA_PORT: String(ports.jira), SANDBOX_SECOND_JIRA_PORT: String(ports.secondJira), SANDBOX_FORGE_KEYS_PORT: String(ports.forgeKeys),
    };
    const { info } = await this.#node('sandbox', WAVE.sandbox, 'stack/sandbox-process.js', [], environment);
    return sandboxReady.parse(info);
  }

  #node(name: string, wave: number, module: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<NodeProcess> {
    const path = fileURLToPath(new URL(`../${module}`, import.meta.url));
    return this.#supervisor.run(name, wave, () => startNodeProcess({ name, module: path, args, env, onLog: this.#log(name) }));
  }
}

async function claimPorts({ port, environment }: StackOptions, dataDir: string): Promise<Ports> {
  const needed = (name: PortName): boolean => !((name === 'postgres' && environment.databaseUrl !== undefined) || (name.startsWith('temporal') && environment.temporalAddress !== undefined));
  const first = port === 0 ? await rememberedPorts(dataDir) : port;
  const claim = (name: PortName): Promise<number> => (needed(name) ? claimPort(first + PORT_OFFSETS[name], PURPOSE[name]) : Promise.resolve(0));
  const [api, temporal, temporalUi, postgres, okta, entra, entraTls, jira, secondJira, forgeKeys] = await Promise.all([
    claim('api'), claim('temporal'), claim('temporalUi'), claim('postgres'), claim('okta'), claim('entra'), claim('entraTls'), claim('jira'), claim('secondJira'), claim('forgeKeys'),
  ]);
  return { api, temporal, temporalUi, postgres, okta, entra, entraTls, jira, secondJira, forgeKeys };
}

/** Free ports, but those of the last time if they still are: then yesterday's links and the connectors' addresses go on working. */
async function rememberedPorts(dataDir: string): Promise<number> {
  const path = join(dataDir, 'first-port');
  const before = existsSync(path) ? Number(await readFile(path, 'utf8')) : undefined;
  const first = await freePortBlock(LAST_OFFSET + 1, before);
  await writeFile(path, String(first));
  return first;
}

async function sealingKeys(dataDir: string): Promise<{ readonly publicJwks: string; readonly privateJwks: string }> {
  const kept = await keepSecret(dataDir, 'sealingKeys', async () => JSON.stringify(await generateSealingKeys()));
  return z.object({ publicJwks: z.string(), privateJwks: z.string() }).parse(JSON.parse(kept));
}

async function registerSites({ database, sandbox, secrets }: StackFacts): Promise<void> {
  const sealing = createSymmetricSealing([{ id: 'jira-1', key: secrets.jiraSealingKey }]);
  for (const site of worldSites) {
    const jira = sandbox.jira.find(({ siteId }) => siteId === site.id);
    if (jira === undefined) throw new Error(`the sandbox has no Jira for the site ${site.id}`);
    const auth = { kind: 'basic', email: jira.email, token: jira.apiToken };
    await registerSite(database.migrationUrl, {
      id: site.id, name: site.name, timeZone: site.timeZone, cloudId: jira.cloudId, installationId: jira.installationId, jiraBaseUrl: jira.baseUrl, jiraPropertyKey: jira.propertyKey,
      jiraAuthSealed: await sealing.seal(jiraCredentialContext(site.id), JSON.stringify(auth)),
    });
  }
}

/** host:port/database, without a role or a password. */
function labelOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}
