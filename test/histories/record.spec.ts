import { SITE, startTestProduct, type TestProduct } from '../support/product.js';
import { workflowIdOf } from '../../src/workflows/access-request/messages.js';
import { LIVES } from './lives.js';
import { asRecorded, keep, RECORDING_KEY, replay } from './recorded.js';

/** Set by scripts/record-histories.mjs: what is lived here is then kept for later versions. */
const keeping = process.env['RECORD_HISTORIES'] === '1';

describe('a life that has just been lived', () => {
  let product: TestProduct;
  beforeAll(async () => { product = await startTestProduct({ payloadKey: RECORDING_KEY, pollMs: 60_000 }); });
  afterAll(() => product.stop());

  it.each(LIVES)('can be replayed: $name', async (life) => {
    const requests = await life.live(product);
    const recorded = await Promise.all(requests.map(async (requestId) => {
      const workflowId = workflowIdOf(SITE, requestId);
      return asRecorded(life.name, workflowId, product.engine.namespace, await product.client.workflow.getHandle(workflowId).fetchHistory());
    }));
    expect((await replay(recorded)).map(({ error }) => error)).toEqual(requests.map(() => undefined));
    if (keeping) for (const [n, one] of recorded.entries()) await keep(n === 0 ? life.name : `${life.name}-${n + 1}`, one);
  });
});
