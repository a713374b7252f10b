import type { CoreWork } from '../ports/core-work.port.js';
import { convergeMembership, readMembershipOnce, type ConvergeDeps } from './converge.js';
import { performCoreCall, type CoreCallDeps } from './perform-core-call.js';

/** The work itself, in the process that holds the credentials. */
export const createLocalCore = (converge: ConvergeDeps, calls: CoreCallDeps): CoreWork => ({
  convergeMembership: (order, signal) => convergeMembership(converge, order, signal),
  readMembership: (order, signal) => readMembershipOnce(converge, order, signal),
  performCoreCall: (order, signal) => performCoreCall(calls, order, signal),
});
