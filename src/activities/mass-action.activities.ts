import { Context } from '@temporalio/activity';
import { advanceMassAction, type MassActionDeps } from '../application/mass-actions/advance-mass-action.js';
import type { MassActionActivities } from './mass-action.port.js';

export const createMassActionActivities = (deps: MassActionDeps): MassActionActivities => ({
  advanceMassAction: (siteId, id, after, quietLooks) => advanceMassAction(deps, siteId, id, after, quietLooks, () => Context.current().heartbeat()),
});
