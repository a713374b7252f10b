import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Operation, WakeReason } from '../../domain/request/operations.js';

/** Input of a run: the key of the record and nothing else, so that a run can be started again from Postgres at any time. */
export interface AccessRequestInput { readonly siteId: string; readonly requestId: string }

/** What an update answers: the status and the stored result of its command. The state of the request is read from Postgres. */
export interface CommandResult { readonly status: number; readonly stored: string }

/** Each takes the id of a committed command row and nothing else: no free text enters history, two keys never collide (DESIGN, commands). */
export const decideUpdate = defineUpdate<CommandResult, [commandId: string]>('decide');
export const withdrawUpdate = defineUpdate<CommandResult, [commandId: string]>('withdraw');
export const revokeUpdate = defineUpdate<CommandResult, [commandId: string]>('revoke');
export const returnUpdate = defineUpdate<CommandResult, [commandId: string]>('return');
export const extendUpdate = defineUpdate<CommandResult, [commandId: string]>('extend');
export const completeManualActionUpdate = defineUpdate<CommandResult, [commandId: string]>('completeManualAction');
export const retryProvisioningUpdate = defineUpdate<CommandResult, [commandId: string]>('retryProvisioning');
export const revokeDriftedUpdate = defineUpdate<CommandResult, [commandId: string]>('revokeDrifted');
export const removeAgainUpdate = defineUpdate<CommandResult, [commandId: string]>('removeAgain');

export const stopUpdate = defineUpdate<CommandResult, [commandId: string]>('stop');
export const restoreUpdate = defineUpdate<CommandResult, [commandId: string]>('restore');

export const UPDATES = {
  decide: decideUpdate,
  withdraw: withdrawUpdate,
  revoke: revokeUpdate,
  return: returnUpdate,
  extend: extendUpdate,
  completeManualAction: completeManualActionUpdate,
  retryProvisioning: retryProvisioningUpdate,
  revokeDrifted: revokeDriftedUpdate,
  removeAgain: removeAgainUpdate,
  stop: stopUpdate,
  restore: restoreUpdate,
} as const satisfies Record<Operation, unknown>;

export const wakeSignal = defineSignal<[reason: WakeReason]>('wake');

/** An operator's view; no code reads it. */
export interface StateView { readonly phase: string; readonly nextInMs: number | null; readonly nextFor: string; readonly providerStep: string | null; readonly writingTicket: boolean }
export const stateQuery = defineQuery<StateView | null>('state');

export const WORKFLOW_TYPE = 'accessRequest';
/** Deterministic and free of personal data (SPEC U6). */
export const workflowIdOf = (siteId: string, requestId: string): string => `access/${siteId}/${requestId}`;
