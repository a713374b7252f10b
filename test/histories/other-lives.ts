import { randomUUID } from 'node:crypto';
import type { CommandContext } from '../../src/application/ports/api-commands.port.js';
import { recordCoreCommand } from '../../src/application/core/record-core-call.js';
import { startRun } from '../../src/application/reconciliation/start-run.js';
import { createCoreCalls } from '../../src/engine/core-calls.js';
import { createMassActionEngine } from '../../src/engine/mass-action-engine.js';
import { createReconciliationEngine } from '../../src/engine/reconciliation-engine.js';
import { PgLeaverStore } from '../../src/persistence/stores/leaver.store.js';
import { PgReconciliationStore } from '../../src/persistence/stores/reconciliation.store.js';
import { mappingImportIdOf } from '../../src/workflows/mapping-import/messages.js';
import { reconciliationIdOf } from '../../src/workflows/reconciliation/messages.js';
import { killSwitchesOf } from '../support/kill-switches.js';
import { peopleToMap, startMappingImport } from '../support/mapping-imports.js';
import { SITE, type TestProduct } from '../support/product.js';
import { until } from '../support/until.js';
import type { Life } from './lives.js';

const context = (): CommandContext => ({ principal: { siteId: SITE, accountId: 'acc-admin', kind: 'person', roles: new Set(['requester', 'admin']) }, idempotencyKey: randomUUID(), methodAndPath: 'POST /test', bodyHash: 'hash', correlationId: 'test' });
const ended = (product: TestProduct, workflowId: string): Promise<unknown> => product.client.workflow.getHandle(workflowId).result();
const grantStatus = (product: TestProduct, requestId: string, wanted: string): Promise<unknown> => until(`grant ${wanted}`, async () =>
  (await product.sql('SELECT 1 FROM access_grant WHERE request_id = $1 AND status = $2', [requestId, wanted])).length > 0);
async function holder(product: TestProduct, toolKey: string): Promise<{ readonly oktaId: string; readonly requestId: string }> {
  const { accountId, oktaId } = await product.person();
  const requestId = await product.ask(accountId, toolKey);
  await product.decide(requestId, 'approve');
  await grantStatus(product, requestId, 'active');
  return { oktaId, requestId };
}

/** Lives of the workflows beside the requests'. */
export const OTHER_LIVES: readonly Life[] = [
  {
    // A page, its description, reads, a delivered command, a removal by converge, and the wait for what was delivered.
    name: 'reconciliation',
    live: async (product) => {
      const { toolKey, groupId } = await product.tool();
      await product.sql("UPDATE entitlement_group SET baseline_recorded_at = now() WHERE external_group_id = $1", [groupId]);
      await product.sql("UPDATE tool SET drift_response = 'revert' WHERE key = $1", [toolKey]);
      const back = await holder(product, toolKey);
      await product.command(back.requestId, { operation: 'revoke', caller: { accountId: product.approver, isAdmin: false }, comment: null });
      await grantStatus(product, back.requestId, 'revoked');
      const stranger = await product.oktaControl.send('POST', 'users', { login: `${randomUUID()}@acme.example`, firstName: 'No', lastName: 'Body' });
      for (const user of [back.oktaId, idOf(stranger)]) await product.oktaControl.send('POST', 'members', { group: groupId, user });
      await product.sql("UPDATE membership SET touched_at = touched_at - interval '1 h' WHERE external_group_id = $1", [groupId]);
      const runs = new PgReconciliationStore();
      await product.uow.run(SITE, (tx) => startRun({ runs, newId: randomUUID }, tx, { connectorId: 'con', toolKey, trigger: 'admin', actor: { kind: 'person', accountId: 'acc-admin' } }));
      await createReconciliationEngine(product.client, 'governance').wake(SITE, 'con');
      const workflowId = reconciliationIdOf(SITE, 'con');
      await ended(product, workflowId);
      return [workflowId];
    },
  },
  {
    name: 'kill-switch',
    live: async (product) => {
      const { toolKey } = await product.tool();
      await holder(product, toolKey);
      const switches = killSwitchesOf(product);
      const { id, workflowId } = await switches.execute('tool', toolKey);
      await switches.done(id);
      if (workflowId === null) throw new Error('an executed kill switch has a workflow');
      await ended(product, workflowId);
      return [workflowId];
    },
  },
  {
    name: 'leaver-check',
    live: async (product) => {
      const { accountId } = await product.person();
      const [mapping] = await product.sql('SELECT external_identity_id FROM site_identity_mapping WHERE account_id = $1', [accountId]);
      const hintId = `lvh_${randomUUID()}`;
      await product.uow.run(SITE, (tx) => new PgLeaverStore().hint(tx, { id: hintId, cause: 'reconciliation', connectorId: null, sealedIdentity: null, externalIdentityId: String(mapping?.['external_identity_id']), accountId: null, eventKey: hintId }));
      await createMassActionEngine(product.client, 'governance').checkLeaver(SITE, hintId);
      const workflowId = `leaver-check/${SITE}/${hintId}`;
      await ended(product, workflowId);
      return [workflowId];
    },
  },
  {
    // Two of three rows at once, the pause that the provider asks for, and the third.
    name: 'mapping-import',
    live: async (product) => {
      const rows = [...await peopleToMap(product, ['first', 'second']), ...await peopleToMap(product, ['busy'])];
      await product.fault({ path: '/api/v1/users/busy', effect: { status: 429, headers: { 'retry-after': '1' } } });
      const workflowId = mappingImportIdOf(SITE, await startMappingImport(product, rows));
      await ended(product, workflowId);
      return [workflowId];
    },
  },
  {
    name: 'core-call',
    live: async (product) => {
      const [connector] = await product.sql("SELECT row_version FROM connector WHERE id = 'con'");
      const recorded = await product.uow.run(SITE, (tx) => recordCoreCommand(product.deps, tx, context(), { operation: 'connector.test', connectorId: 'con', rowVersion: Number(connector?.['row_version']) }));
      if (!recorded.ok) throw new Error(recorded.refusal.code);
      await createCoreCalls(product.client, 'governance').execute(SITE, recorded.commandId);
      return [`core-call/${SITE}/${recorded.commandId}`];
    },
  },
];

const idOf = (value: unknown): string => (typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string' ? value.id : '');
