import { randomUUID } from 'node:crypto';
import { defineSearchAttributeKey } from '@temporalio/common';
import { EncryptingCodec, encryptingConverter } from '../../dist/engine/payload-codec.js';
import { createClient } from '../../dist/engine/temporal-connection.js';
import { startChild } from '../support/child.mjs';
import { patient } from '../support/patient.mjs';

const keyword = (name, value) => ({ key: defineSearchAttributeKey(name, 'KEYWORD'), value });

/** The bare workflow's workers, and its lives as the driver sees them. @param {{ address: string, namespace: string }} engine @param {string} payloadKey */
export async function startBareArm(engine, payloadKey) {
  const env = { TEMPORAL_ADDRESS: engine.address, TEMPORAL_NAMESPACE: engine.namespace, PAYLOAD_KEY: payloadKey };
  const worker = (role) => startChild({ module: new URL('bare-worker.mjs', import.meta.url), args: [role], env });
  const [governance, core] = await Promise.all([worker('governance'), worker('core')]);
  const client = createClient({ ...engine, tls: false }, encryptingConverter(new EncryptingCodec([{ id: 'k1', key: payloadKey }], engine.namespace)));
  const resting = new Map();
  governance.onMessage(({ written }) => resting.get(written)?.());
  const startOptions = ({ id, connected }) => ({
    taskQueue: 'bare-governance', workflowId: `bare/acme/${id}`, args: [{ siteId: 'acme', requestId: id, connected }], workflowIdConflictPolicy: 'USE_EXISTING', staticSummary: 'chatgpt-enterprise for AIACC-1',
    typedSearchAttributes: [
      keyword('AccessPhase', 'pending'), keyword('Tool', 'chatgpt-enterprise'), keyword('Provider', 'okta'), keyword('RiskTier', 'medium'), keyword('Site', 'acme'), keyword('PolicyVersion', '1'), keyword('PendingStage', 'project'),
      { key: defineSearchAttributeKey('ApprovalDueAt', 'DATETIME'), value: new Date() }, keyword('IssueKey', 'AIACC-1'),
    ],
  });
  return {
    processes: { governance: governance.pid, core: core.pid },
    async prepare(count, connected) {
      return Array.from({ length: count }, () => ({ id: `req_${randomUUID()}`, connected }));
    },
    /** From intake until access is active and the ticket says so. */
    async open(life) {
      const rests = new Promise((resolve) => resting.set(life.id, resolve));
      await patient(client, () => client.workflow.start('bareLife', startOptions(life)));
      const commandId = randomUUID();
      await patient(client, () => client.workflow.getHandle(`bare/acme/${life.id}`).executeUpdate('decide', { args: [commandId], updateId: commandId }));
      await rests;
      resting.delete(life.id);
    },
    async passTime() {},
    /** From the end of the time until the run has ended. */
    async close(life) {
      await patient(client, () => client.workflow.signalWithStart('bareLife', { ...startOptions(life), signal: 'wake', signalArgs: ['clockMoved'] }));
      await patient(client, () => client.workflow.getHandle(`bare/acme/${life.id}`).result());
    },
    events: async (life) => (await client.workflow.getHandle(`bare/acme/${life.id}`).fetchHistory()).events ?? [],
    async stop() {
      await Promise.all([governance.stop(), core.stop()]);
      await client.connection.close();
    },
  };
}
