import type { MassActionStep } from '../application/mass-actions/advance-mass-action.js';

export type { MassActionStep };
/** One batch of a kill switch or a leaver's case at a time; repeating a batch changes nothing. */
export interface MassActionActivities {
  advanceMassAction(siteId: string, id: string, after: string, quietLooks: number): Promise<MassActionStep>;
}
