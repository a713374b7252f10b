import { defineSignal } from '@temporalio/workflow';

/** Input of a run: the key of the record and nothing else. */
export interface MassActionInput { readonly siteId: string; readonly massActionId: string }
export const MASS_ACTION_WORKFLOW = 'killSwitch';
/** Look at the record again; harmless at any time. */
export const lookSignal = defineSignal('look');
