/** Commands that change a request or grant: each is an update of its workflow, applied by one step (DESIGN, commands). The one place that names them. */
export const OPERATIONS = ['decide', 'withdraw', 'revoke', 'return', 'extend', 'completeManualAction', 'retryProvisioning', 'revokeDrifted', 'removeAgain', 'stop', 'restore'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Why a run is told to look at the record: a hint that stands in its history, the load that follows finds the truth. Each is sent by somebody. */
export const WAKE_REASONS = ['due', 'clockMoved', 'mappingChanged', 'connectorChanged', 'otherGrantChanged', 'rebuild'] as const;
export type WakeReason = (typeof WAKE_REASONS)[number];
