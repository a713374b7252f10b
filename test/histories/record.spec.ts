import { startTestProduct, type TestProduct } from '../support/product.js';
import { LIVES } from './lives.js';
import { asRecorded, keep, RECORDING_KEY, replay } from './recorded.js';

/** Set by scripts/record-histories.mjs: what is lived here is then kept for later versions. */
const keeping = process.env['RECORD_HISTORIES'] === '1';

describe('a life that has just been lived', () => {
  let product: TestProduct;
  beforeAll(async () => { product = await startTestProduct({ payloadKey: RECORDING_KEY, pollMs: 60_000 }); });
  afterAll(() => product.stop());

  it.each(LIVES)('can be replayed: $name', async (life) => {
    const workflowIds = await life.live(product);
    const recorded = await Promise.all(workflowIds.map(async (workflowId) => asRecorded(life.name, workflowId, product.engine.namespace, await product.client.workflow.getHandle(workflowId).fetchHistory())));
    expect((await replay(recorded)).map(({ error }) => error)).toEqual(workflowIds.map(() => undefined));
    if (keeping) for (const [n, one] of recorded.entries()) await keep(n === 0 ? life.name : `${life.name}-${n + 1}`, one);
  });
});
