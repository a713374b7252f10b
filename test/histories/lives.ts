import { OTHER_LIVES } from './other-lives.js';
import { SITE, type TestProduct } from '../support/product.js';
import { until } from '../support/until.js';
import { workflowIdOf } from '../../src/workflows/access-request/messages.js';

/** One life of a workflow, lived on the whole product; its run's history is what a later version of the workflow must be able to replay. */
export interface Life {
  readonly name: string;
  /** @returns the ids of the workflows whose histories are kept, each of a run that has ended */
  live(product: TestProduct): Promise<readonly string[]>;
}

const approver = (product: TestProduct): { readonly accountId: string; readonly isAdmin: boolean } => ({ accountId: product.approver, isAdmin: false });
const grantStatus = (product: TestProduct, requestId: string, wanted: string): Promise<unknown> => until(`grant ${wanted}`, async () =>
  (await product.sql('SELECT 1 FROM access_grant WHERE request_id = $1 AND status = $2', [requestId, wanted])).length > 0);
const jobStatus = (product: TestProduct, requestId: string, wanted: string): Promise<unknown> => until(`job ${wanted}`, async () =>
  (await product.sql('SELECT 1 FROM provisioning_job WHERE request_id = $1 AND status = $2', [requestId, wanted])).length > 0);
const openAction = (product: TestProduct, requestId: string): Promise<string> => until('a manual action', async () =>
  (await product.sql("SELECT id FROM manual_action WHERE request_id = $1 AND status = 'open'", [requestId])).map(({ id }) => String(id))[0]);
const revoke = (product: TestProduct, requestId: string): Promise<unknown> => product.command(requestId, { operation: 'revoke', caller: approver(product), comment: null });
const ended = (product: TestProduct, requestId: string): Promise<unknown> => product.client.workflow.getHandle(workflowIdOf(SITE, requestId)).result();
/** While nobody can reach the provider. */
const away = (product: TestProduct): Promise<void> => product.fault({ path: '/api/v1/(groups|users)', times: 1_000, effect: { status: 503 } });

const OF_REQUESTS: readonly Life[] = [
  {
    name: 'connected-with-ticket',
    live: async (product) => {
      const person = await product.person();
      const requestId = await product.ask(person.accountId, 'chatgpt-enterprise', { issueKey: await product.issue(person.accountId) });
      await product.decide(requestId, 'approve');
      await grantStatus(product, requestId, 'active');
      await product.advanceHours(31 * 24);
      await ended(product, requestId);
      return [workflowIdOf(SITE, requestId)];
    },
  },
  {
    name: 'connectorless',
    live: async (product) => {
      const requestId = await product.ask('acc-connectorless', 'claude-team', { issueKey: await product.issue('acc-connectorless') });
      await product.decide(requestId, 'approve');
      await grantStatus(product, requestId, 'active');
      await product.command(requestId, { operation: 'return', caller: { accountId: 'acc-connectorless', isAdmin: false }, comment: null });
      await ended(product, requestId);
      return [workflowIdOf(SITE, requestId)];
    },
  },
  {
    name: 'denied',
    live: async (product) => {
      const requestId = await product.ask('acc-denied', 'claude-team', { issueKey: await product.issue('acc-denied') });
      await product.decide(requestId, 'deny');
      await ended(product, requestId);
      return [workflowIdOf(SITE, requestId)];
    },
  },
  {
    name: 'lapsed',
    live: async (product) => {
      const requestId = await product.ask('acc-lapsed', 'claude-team');
      for (const hours of [25, 24, 30 * 24]) await product.advanceHours(hours);
      await ended(product, requestId);
      return [workflowIdOf(SITE, requestId)];
    },
  },
  {
    name: 'revoked-while-retrying',
    live: async (product) => {
      const person = await product.person();
      const requestId = await product.ask(person.accountId);
      await away(product);
      await product.decide(requestId, 'approve');
      await jobStatus(product, requestId, 'retrying');
      await revoke(product, requestId);
      await until('a removal that is retried', async () => (await product.sql("SELECT 1 FROM provisioning_job WHERE request_id = $1 AND kind = 'deprovision' AND attempts > 0", [requestId])).length > 0);
      await product.clearFaults();
      await ended(product, requestId);
      return [workflowIdOf(SITE, requestId)];
    },
  },
  {
    name: 'step-superseded',
    live: async (product) => {
      const person = await product.person();
      const requestId = await product.ask(person.accountId);
      await product.fault({ path: '/api/v1/(groups|users)', times: 2, effect: { delayMs: 3_000 } });
      await product.decide(requestId, 'approve');
      await jobStatus(product, requestId, 'running');
      await revoke(product, requestId);
      await ended(product, requestId);
      await product.clearFaults();
      return [workflowIdOf(SITE, requestId)];
    },
  },
  {
    name: 'completed-by-hand',
    live: async (product) => {
      const person = await product.person();
      const requestId = await product.ask(person.accountId);
      await product.fault({ path: '/api/v1/(groups|users)', times: 1_000, effect: { status: 403, body: { errorCode: 'E0000006', errorSummary: 'not allowed' } } });
      await product.decide(requestId, 'approve');
      const manualActionId = await openAction(product, requestId);
      await product.clearFaults();
      const complete = (): Promise<unknown> => product.command(requestId, { operation: 'completeManualAction', caller: approver(product), manualActionId, outcome: 'fulfilled', note: 'added in the console' });
      await complete(); // refused: the read says that the person is not in the group
      await addByHand(product, person.oktaId);
      await complete();
      await grantStatus(product, requestId, 'active');
      await revoke(product, requestId);
      await ended(product, requestId);
      return [workflowIdOf(SITE, requestId)];
    },
  },
  {
    name: 'mapping-added-later',
    live: async (product) => {
      const person = await product.person();
      const [mapping] = await product.sql('DELETE FROM site_identity_mapping WHERE account_id = $1 RETURNING external_identity_id', [person.accountId]);
      const requestId = await product.ask(person.accountId);
      await product.decide(requestId, 'approve');
      await openAction(product, requestId);
      await product.sql("INSERT INTO site_identity_mapping (id, site_id, account_id, provider, connector_id, external_identity_id, created_by) VALUES ($1, $2, $3, 'okta', 'con', $4, 'test')", [`map_${requestId}`, SITE, person.accountId, mapping?.['external_identity_id']]);
      await product.advanceHours(0);
      await grantStatus(product, requestId, 'active');
      await product.command(requestId, { operation: 'extend', caller: approver(product), durationDays: 10, reason: 'one more sprint' });
      await product.advanceHours(41 * 24);
      await ended(product, requestId);
      return [workflowIdOf(SITE, requestId)];
    },
  },
  {
    name: 'shared-membership',
    live: async (product) => {
      const person = await product.person();
      const [one, two] = [await product.ask(person.accountId), await product.ask(person.accountId, 'codex')];
      await product.decide(one, 'approve');
      await grantStatus(product, one, 'active');
      await away(product);
      await revoke(product, one);
      await until('a removal that is retried', async () => (await product.sql("SELECT 1 FROM provisioning_job WHERE request_id = $1 AND kind = 'deprovision' AND attempts > 0", [one])).length > 0);
      await product.decide(two, 'approve'); // takes the membership over and wakes the first, whose removal it holds
      await ended(product, one);
      await product.clearFaults();
      await grantStatus(product, two, 'active');
      await revoke(product, two);
      await ended(product, two);
      return [workflowIdOf(SITE, one), workflowIdOf(SITE, two)];
    },
  },
];

export const LIVES: readonly Life[] = [...OF_REQUESTS, ...OTHER_LIVES];

async function addByHand(product: TestProduct, oktaId: string): Promise<void> {
  const answer = await fetch(`${product.okta.baseUrl}/api/v1/groups/${product.groupId}/users/${oktaId}`, { method: 'PUT', headers: { authorization: `SSWS ${product.okta.apiToken}` } });
  if (answer.status !== 204) throw new Error(`the sandbox did not add the person: ${answer.status}`);
}
