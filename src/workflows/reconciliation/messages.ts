import { defineSignal } from '@temporalio/workflow';

/** Keys of the record and nothing else. */
export interface ReconciliationInput { readonly siteId: string; readonly connectorId: string }
export const reconciliationIdOf = (siteId: string, connectorId: string): string => `reconciliation/${siteId}/${connectorId}`;
export const RECONCILIATION_TYPE = 'reconciliation';
/** A hint that there is something to do: sent with every start, so that a run that is about to end looks once more. */
export const reconcileSignal = defineSignal('reconcile');
