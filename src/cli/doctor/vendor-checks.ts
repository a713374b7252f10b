import type { z } from 'zod';
import { pageOf, shownConnector, shownConnectorTest, type shownSandbox } from '../answers.js';
import type { ApiClient } from '../api-client.js';
import { CliProblem } from '../cli-problem.js';
import { segment } from '../references.js';
import { fail, look, ok, warn, type Check } from './check.js';
import { addressOfUrl, isListening, nameOf } from './reach.js';

type Sandbox = z.infer<typeof shownSandbox>;
type Connector = z.infer<typeof shownConnector>;
type Test = z.infer<typeof shownConnectorTest>;

/** Whether the sandbox's vendors listen. Their passwords are in the answer too, and go nowhere. */
export function checkSandboxVendors({ okta, entra, jira }: Sandbox): Promise<readonly Check[]> {
  const vendors = [['sandbox Okta', okta.baseUrl], ['sandbox Microsoft Graph', entra.graphBaseUrl], ['sandbox Jira', jira.baseUrl]] as const;
  return Promise.all(vendors.map(async ([name, url]) => {
    const address = addressOfUrl(url, url.startsWith('https:') ? 443 : 80);
    if (address !== null && (await isListening(address))) return ok('vendors', `${name} listens at ${nameOf(address)}`);
    return fail('vendors', `${name} does not listen at ${url}`, 'Start the stack again: npm start.');
  }));
}

/** Each connector by its last test, or by one made now through the core worker, which is the only one that holds the credential. */
export function checkConnectors(api: ApiClient, testNow: ((connectorId: string) => string) | null): Promise<readonly Check[]> {
  return look('vendors', 'the connectors', async () => {
    const { items } = await api.get('/connectors', pageOf(shownConnector), { limit: 200 });
    if (items.length === 0) return [warn('vendors', 'no connector: tools are given and taken by people', 'Add one under Connectors, or leave it so.')];
    const checks: Check[] = [];
    // One after the other: a test asks a provider that has a rate limit.
    for (const connector of items) checks.push(...checkExpiry(connector), ...(testNow === null ? [checkConnector(connector, connector.lastTest)] : await checkTested(api, connector, testNow(connector.id))));
    return checks;
  });
}

async function checkTested(api: ApiClient, connector: Connector, idempotencyKey: string): Promise<readonly Check[]> {
  try {
    return [checkConnector(connector, await api.post(`/connectors/${segment(connector.id)}/test`, shownConnectorTest, {}, idempotencyKey))];
  } catch (error) {
    if (!(error instanceof CliProblem)) throw error;
    return [fail('vendors', `${labelOf(connector)} can't be tested: ${error.message}`, 'Check that a core worker runs and reaches the provider.')];
  }
}

function checkConnector(connector: Connector, test: Test | null): Check {
  const label = labelOf(connector);
  const failing = test?.abilities.filter((ability) => !ability.ok).map(({ ability, detail }) => (detail === undefined ? ability : `${ability}: ${detail}`)) ?? [];
  if (test === null) return warn('vendors', `${label} was never tested`, 'Test it: aiclearance doctor --test.');
  if (test.failure !== null) return fail('vendors', `${label} failed its test of ${test.testedAt}: ${test.failure.detail}`, 'Mend its address or credential, then aiclearance doctor --test.');
  if (!test.ok) return fail('vendors', `${label} failed its test of ${test.testedAt}: ${failing.join('; ')}`, 'Give its credential these permissions, then aiclearance doctor --test.');
  if (connector.status !== 'enabled') return warn('vendors', `${label} passed its test of ${test.testedAt} but is disabled`, 'Enable it, or its tools are given and taken by people.');
  return ok('vendors', `${label} passed its test of ${test.testedAt}`);
}

/** SPEC F16. */
function checkExpiry(connector: Connector): readonly Check[] {
  const { expiresAt, state } = connector.credential;
  const toDo = 'Make a new one at the provider and send it: PATCH /connectors/{id} tests it before it takes the old one\'s place.';
  if (state === 'expired') return [fail('vendors', `the credential of ${labelOf(connector)} expired at ${expiresAt ?? ''}`, toDo)];
  return state === 'expiring' ? [warn('vendors', `the credential of ${labelOf(connector)} expires at ${expiresAt ?? ''}`, toDo)] : [];
}

const labelOf = ({ name, provider }: Connector): string => `connector ${name} (${provider})`;
