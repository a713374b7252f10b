// npm run test:cluster: runs the settings of docker-compose.temporal.yml for real, without containers. It builds the
// Temporal server and its schema tool of the version that temporal/versions.env names (Go is needed; about seven minutes the first
// time, kept in the cache folder), runs the compose file's own scripts and environment against them on an embedded
// Postgres, and lets the product walk one request through that cluster.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readEnvFile, readService } from './compose-file.mjs';

const root = new URL('../../', import.meta.url);
const compose = new URL('docker-compose.temporal.yml', root);
const dist = (file) => {
  const url = new URL(`dist/${file}`, root);
  if (!existsSync(url)) fail(`There is no dist/${file}: run npm run build first.`);
  return import(url.href);
};

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

let checks = 0;
function check(what, holds, seen = '') {
  if (!holds) throw new Error(`NOT SO: ${what}${seen === '' ? '' : ` (seen: ${seen})`}`);
  checks += 1;
  console.log(`ok  ${what}`);
}

function run(program, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout: 20 * 60_000, ...options });
  if (error || status !== 0) throw new Error(`${program} ${args.slice(0, 4).join(' ')} failed (${error?.code ?? status}):\n${stdout}\n${stderr}`);
  return stdout;
}

/** The server and the schema tool, built once, and the schema files of the same module. */
function buildServer(version, cacheDir) {
  const module = `go.temporal.io/server@v${version}`;
  const bin = join(cacheDir, `temporal-cluster-${version}`);
  mkdirSync(bin, { recursive: true });
  if (!existsSync(join(bin, 'server')) || !existsSync(join(bin, 'sql'))) {
    console.log(`Building the Temporal server ${version}; this takes several minutes once and is kept in ${bin}.`);
    run('go', ['install', `go.temporal.io/server/cmd/server@v${version}`, `go.temporal.io/server/cmd/tools/sql@v${version}`], { env: { ...process.env, GOBIN: bin }, stdio: ['ignore', 'inherit', 'inherit'] });
  }
  const { Dir } = JSON.parse(run('go', ['mod', 'download', '-json', module]));
  return { server: join(bin, 'server'), sql: join(bin, 'sql'), schemaRoot: join(Dir, 'schema', 'postgresql', 'v12') };
}

/** Runs a service's script in a shell whose PATH leads to our programs under the names they have in the image. */
function runScript(service, overrides, bin) {
  return run('/bin/sh', ['-ec', service.script], { env: { ...service.environment, ...overrides, PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`, HOME: tmpdir() } });
}

async function untilServing(cli, address, child) {
  const deadline = performance.now() + 120_000;
  for (;;) {
    if (spawnSync(cli, ['operator', 'cluster', 'health', '--address', address], { encoding: 'utf8', timeout: 5_000 }).stdout?.includes('SERVING')) return;
    if (child.exitCode !== null || performance.now() > deadline) throw new Error('the server does not serve; its last words:');
    await pause(250);
  }
}

/** Without the stack traces that each line carries. */
const lastMessages = (log) => log.split('\n').slice(-8).map((line) => line.replace(/,"stacktrace".*/, '}')).join('\n');

async function startServer(binary, environment, folder, watch) {
  const child = spawn(binary, ['start'], { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (log = `${log}${text}`.slice(-20_000)));
  const guard = watch(child.pid, 'TERM');
  const ended = once(child, 'exit').then(() => guard.release());
  return { child, log: () => log, stop: async (signal = 'SIGTERM') => { child.kill(signal); await ended; } };
}

async function main() {
  if (spawnSync('go', ['version']).status !== 0) fail('npm run test:cluster needs Go (https://go.dev/dl) to build the Temporal server; without it only the embedded engine is tested (npm test).');
  const [{ startEmbeddedPostgres }, { findTemporalBinary }, { readStackEnvironment }, { claimPort }, { watchForOurDeath }, { SEARCH_ATTRIBUTES, RETENTION_DAYS }] = await Promise.all(
    ['stack/embedded-postgres.js', 'stack/temporal-binary.js', 'config/stack-env.js', 'stack/ports.js', 'stack/death-watch.js', 'stack/temporal-namespace.js'].map(dist),
  );
  const { path, cacheDir } = readStackEnvironment();
  const versions = readEnvFile(new URL('temporal/versions.env', root));
  const built = buildServer(versions.TEMPORAL_VERSION, cacheDir);
  const cli = await findTemporalBinary('cli', { path, cacheDir });
  const folder = mkdtempSync(join(tmpdir(), 'aiclearance-cluster-'));
  const undo = [() => rmSync(folder, { recursive: true, force: true })];
  try {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    symlinkSync(cli, join(bin, 'temporal'));
    symlinkSync(built.sql, join(bin, 'temporal-sql-tool'));

    const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), durable: false });
    undo.push(() => postgres.stop());
    const password = 'of-this-test-only';
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: postgres.superuserUrl });
    await client.connect();
    // As in the image: POSTGRES_USER is a superuser of a server of Temporal's own.
    await client.query(`CREATE ROLE temporal SUPERUSER LOGIN PASSWORD '${password}'`);
    await client.end();

    const variables = { ...versions, TEMPORAL_DB_PASSWORD: password };
    const schema = readService(compose, 'temporal-schema', variables);
    const database = { SQL_HOST: '127.0.0.1', SQL_PORT: String(postgres.port), SCHEMA_ROOT: built.schemaRoot };
    runScript(schema, database, bin);
    check('the schema script makes both databases', true);
    runScript(schema, database, bin);
    check('the schema script changes nothing the second time', true);

    // Below 32768, as claimPort gives them: the server stores its ports as smallint in Postgres.
    const ports = Object.fromEntries(await Promise.all(
      ['FRONTEND_GRPC_PORT', 'FRONTEND_HTTP_PORT', 'FRONTEND_MEMBERSHIP_PORT', 'HISTORY_GRPC_PORT', 'HISTORY_MEMBERSHIP_PORT', 'MATCHING_GRPC_PORT', 'MATCHING_MEMBERSHIP_PORT', 'WORKER_GRPC_PORT', 'WORKER_MEMBERSHIP_PORT', 'METRICS_PORT'].map(async (name) => [name, String(await claimPort(0, 'Temporal'))]),
    ));
    const { environment } = readService(compose, 'temporal', variables);
    const { METRICS_PORT, ...serverPorts } = ports;
    const serverEnvironment = {
      ...environment, ...serverPorts, POSTGRES_SEEDS: '127.0.0.1', DB_PORT: String(postgres.port), BIND_ON_IP: '127.0.0.1', PROMETHEUS_ENDPOINT: `127.0.0.1:${METRICS_PORT}`,
      DYNAMIC_CONFIG_FILE_PATH: fileURLToPath(new URL('temporal/dynamicconfig/production.yaml', root)), LOG_LEVEL: 'warn',
    };
    const address = `127.0.0.1:${ports.FRONTEND_GRPC_PORT}`;
    let server = await startServer(built.server, serverEnvironment, folder, watchForOurDeath);
    undo.push(() => server.stop());
    await untilServing(cli, address, server.child).catch((error) => { throw new Error(`${error.message}\n${lastMessages(server.log())}`); });
    check('the server serves with the compose file\'s environment', true);

    const namespace = readService(compose, 'temporal-namespace', variables);
    const untilDone = async () => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return runScript(namespace, { TEMPORAL_ADDRESS: address }, bin);
        } catch (error) {
          // `restart: on-failure:10` of the compose file.
          if (attempt > 10) throw error;
          await pause(1_000);
        }
      }
    };
    await untilDone();
    check('the namespace script makes namespace and search attributes', true);
    runScript(namespace, { TEMPORAL_ADDRESS: address }, bin);
    check('the namespace script changes nothing the second time', true);

    const temporal = (...args) => run(cli, [...args, '--address', address]);
    const listed = temporal('operator', 'search-attribute', 'list', '-n', 'access');
    const missing = SEARCH_ATTRIBUTES.filter(({ name, type }) => !new RegExp(`\\b${name}\\s+${type}\\b`).test(listed));
    check('every search attribute of the product is there with its type', missing.length === 0, missing.map(({ name }) => name).join(', '));
    check(`closed runs are kept for ${RETENTION_DAYS} days`, temporal('operator', 'namespace', 'describe', '-n', 'access').includes(`${RETENTION_DAYS * 24}h`));
    check('history has 512 shards', /"?historyShardCount"?[:\s]+"?512/i.test(temporal('operator', 'cluster', 'describe', '--detail', '-o', 'json')));
    const tooLong = spawnSync(cli, ['workflow', 'start', '-n', 'access', '--type', 'anything', '--task-queue', 'nobody', '--workflow-id', 'x'.repeat(300), '--address', address], { encoding: 'utf8' });
    check('the dynamic configuration is in force: an id of 300 letters is refused', tooLong.status !== 0 && /length|exceed/i.test(tooLong.stderr), tooLong.stderr);
    check('the Web UI of the compose file has write actions off', /TEMPORAL_DISABLE_WRITE_ACTIONS: "true"/.test(readFileSync(compose, 'utf8')));

    const walk = () => {
      const data = join(folder, 'product');
      return run(process.execPath, [fileURLToPath(new URL('dist/stack/main.js', root)), '--walk', '--port', '0', '--data', data], { env: { ...process.env, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'access' }, timeout: 240_000 });
    };
    const walked = walk();
    writeFileSync(join(folder, 'walk.txt'), walked);
    check('the product walks one request through this cluster', /verified\s*$/.test(walked.trimEnd()), walked.slice(-500));

    await server.stop('SIGKILL');
    server = await startServer(built.server, serverEnvironment, folder, watchForOurDeath);
    await untilServing(cli, address, server.child);
    check('after kill -9 it serves again with the same namespace', temporal('operator', 'search-attribute', 'list', '-n', 'access').includes('AccessPhase'));
    check('and the product walks another request through it', /verified\s*$/.test(walk().trimEnd()));
    console.log(`\n${checks} passed, 0 failed`);
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  console.log(`\n${checks} passed, 1 failed`);
  process.exitCode = 1;
});
