import { exitWithParent, reportReady } from '../config/parent.js';
import { readSandboxProcessConfig } from '../config/stack-env.js';
import { httpDelivery } from '../sandbox/jira/event-delivery.js';
import { startSandbox } from '../sandbox/sandbox.js';
import { guidOf, oktaIdOf } from '../sandbox/state/identifiers.js';
import { worldTools } from '../sandbox/world.js';
import { installationOf, makeForgeKey, SANDBOX_APP_ID, startForgeIssuer } from './forge-issuer.js';
import type { SandboxReady } from './sandbox-ready.js';
import { keepSecret } from './secrets.js';

/** The process that plays the outside world for `npm start`: Okta, Microsoft, one Jira per site, and Forge's delivery of Jira's events. */
async function main(): Promise<void> {
  const config = readSandboxProcessConfig();
  const dataDir = config.SANDBOX_DATA_DIR;
  const sandbox = await startSandbox({
    dataDir,
    ports: { okta: config.SANDBOX_OKTA_PORT, microsoft: config.SANDBOX_ENTRA_PORT, microsoftTls: config.SANDBOX_ENTRA_TLS_PORT, jira: [config.SANDBOX_JIRA_PORT, config.SANDBOX_SECOND_JIRA_PORT] },
    // Forge waits a minute before it delivers again; a demo should not. What the product missed while it was down still arrives.
    delivery: { retryIntervalMs: 2_000, retries: 1_000 },
  });
  const forge = await startForgeIssuer(await keepSecret(`${dataDir}/forge`, 'key', makeForgeKey), config.SANDBOX_FORGE_KEYS_PORT);
  const target = new URL('/api/v1/intake/jira/issue-created', config.SANDBOX_PRODUCT_URL).toString();
  for (const jira of sandbox.jira) jira.setDelivery(httpDelivery(target, () => forge.tokenFor(jira)));
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= Promise.all([sandbox.stop(), forge.stop()]).then(() => undefined));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stop().then(() => process.exit(0), () => process.exit(1));
    });
  }
  exitWithParent(stop);
  reportReady({
    okta: { baseUrl: sandbox.okta.baseUrl, apiToken: sandbox.okta.apiToken },
    entra: {
      authorityHost: sandbox.entra.authorityHost, graphBaseUrl: sandbox.entra.graphBaseUrl, tenantId: sandbox.entra.tenantId,
      clientId: sandbox.entra.clientId, clientSecret: sandbox.entra.clientSecret, caPem: sandbox.entra.caPem,
    },
    jira: sandbox.jira.map(({ siteId, cloudId, baseUrl, email, apiToken, projectKey, requestTypeIds, propertyKey }) => ({
      siteId, cloudId, installationId: installationOf(siteId), baseUrl, email, apiToken, projectKey, requestTypeIds: [...requestTypeIds], propertyKey,
    })),
    forge: { appId: SANDBOX_APP_ID, jwksUrl: forge.jwksUrl },
    entitlementGroupIds: entitlementGroupIds(),
  } satisfies SandboxReady);
}

/** The groups that the vendors start with; their ids follow from their names. */
function entitlementGroupIds(): Record<string, string> {
  const idOf = { okta: (name: string) => oktaIdOf('00g', name), entra: (name: string) => guidOf(`entra-group:${name}`) };
  return Object.fromEntries(worldTools.flatMap(({ key, provider, entitlementGroup }) => (provider === 'none' || entitlementGroup === undefined ? [] : [[key, idOf[provider](entitlementGroup)]])));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
