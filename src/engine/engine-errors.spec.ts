import { engineUnavailable } from './engine-errors.js';

const grpc = (code: number): Error => Object.assign(new Error('refused'), { code, details: '', metadata: {} });

describe('an engine that refuses', () => {
  it.each([7, 16])('is away until an operator renews the product\'s own key (gRPC %i)', (code) => {
    expect(engineUnavailable(grpc(code))).toBe(true);
  });
  it('is asked again when a run takes no update because its last step failed (gRPC 9)', () => {
    expect(engineUnavailable(grpc(9))).toBe(true);
  });
  it('is not away when it says that something does not exist', () => {
    expect(engineUnavailable(grpc(5))).toBe(false);
  });
});
