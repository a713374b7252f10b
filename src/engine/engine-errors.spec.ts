import { engineUnavailable } from './engine-errors.js';

const grpc = (code: number): Error => Object.assign(new Error('refused'), { code, details: '', metadata: {} });

describe('an engine that refuses the product\'s own key', () => {
  it.each([7, 16])('is away until an operator renews it (gRPC %i)', (code) => {
    expect(engineUnavailable(grpc(code))).toBe(true);
  });
  it('is not away when it says that something does not exist', () => {
    expect(engineUnavailable(grpc(5))).toBe(false);
  });
});
