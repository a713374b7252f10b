import { startTestProduct } from '../support/product.js';
import { oktaPairs } from './support/provider-pairs.js';
import { sweepProvider } from './support/provider-sweep.js';

describe('a fault at any call to Okta', () => {
  sweepProvider('Okta', async () => {
    const product = await startTestProduct();
    return { product, pairs: await oktaPairs(product), beforeRemoval: () => Promise.resolve(), stop: () => product.stop() };
  });
});
