import { Context } from '@temporalio/activity';
import { advanceMassAction, type MassActionDeps } from '../application/mass-actions/advance-mass-action.js';
import type { MassActionActivities } from './mass-action.port.js';

/** A fifth of the workflow's heartbeat time-out: one answer may take longer than that and its worker be well. */
const BEAT_MS = 2_000;

export const createMassActionActivities = (deps: MassActionDeps): MassActionActivities => ({
  async advanceMassAction(siteId, id, after, quietLooks) {
    const context = Context.current();
    const timer = setInterval(() => context.heartbeat(), BEAT_MS);
    try {
      return await advanceMassAction(deps, siteId, id, after, quietLooks, context.cancellationSignal);
    } finally {
      clearInterval(timer);
    }
  },
});
