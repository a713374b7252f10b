import { Context } from '@temporalio/activity';
import { beginLeaverCheck, finishLeaverCheck, sweepLeavers, type LeaverDeps } from '../application/leavers/check-leaver.js';
import type { LeaverActivities } from './leaver.port.js';

export const createLeaverActivities = (deps: LeaverDeps & { readonly siteIds: () => Promise<readonly string[]> }): LeaverActivities => ({
  beginLeaverCheck: (siteId, hintId) => beginLeaverCheck(deps, siteId, hintId),
  finishLeaverCheck: (siteId, hintId, connectorId, result) => finishLeaverCheck(deps, siteId, hintId, connectorId, result),
  runLeaverSweep: () => sweepLeavers(deps, () => Context.current().heartbeat(), Context.current().cancellationSignal),
});
