// Worker of the bare workflow, `governance` or `core`: two processes and two queues, as the product has.
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { EncryptingCodec, encryptingConverter } from '../../dist/engine/payload-codec.js';
import { serveAsChild } from '../support/child.mjs';

Runtime.install({ shutdownSignals: [] });
const [role] = process.argv.slice(2);
const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace = '', PAYLOAD_KEY: key = '' } = process.env;
const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const workflowBundle = () => bundleWorkflowCode({ workflowsPath: path('bare.workflow.mjs'), failureConverterPath: path('../../dist/workflows/failure-converter.cjs'), logger: new DefaultLogger('ERROR') });

const none = async () => ({ kind: 'answered' });
const record = { loadRequest: none, applyCommand: none, recordProviderResult: none };
const tickets = {
  async updateTicket(_siteId, requestId) {
    process.send?.({ written: requestId });
  },
};
const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection, namespace, taskQueue: `bare-${role}`, shutdownGraceTime: '10s', dataConverter: encryptingConverter(new EncryptingCodec([{ id: 'k1', key }], namespace)),
  ...(role === 'governance' ? { workflowBundle: await workflowBundle(), activities: { ...record, ...tickets } } : { activities: { convergeMembership: none } }),
});
const running = worker.run();
serveAsChild({}, async () => {
  worker.shutdown();
  await running;
  await connection.close();
});
