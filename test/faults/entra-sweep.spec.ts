import { startMicrosoftSandbox } from '../../src/sandbox/microsoft/microsoft-sandbox.js';
import { startTestProduct } from '../support/product.js';
import { entraPairs } from './support/provider-pairs.js';
import { sweepProvider } from './support/provider-sweep.js';

describe('a fault at any call to Entra', () => {
  sweepProvider('Entra', async () => {
    const microsoft = await startMicrosoftSandbox();
    const product = await startTestProduct({ extraCaPem: microsoft.caPem });
    return {
      product, pairs: await entraPairs(product, microsoft),
      // A core worker that has just started has no tokens: otherwise those of the way in would serve on the way out.
      beforeRemoval: async () => {
        await product.stopCore();
        await product.startCore();
      },
      stop: async () => {
        await product.stop();
        await microsoft.stop();
      },
    };
  });
});
