// The least that a request's life costs on this engine: the messages, activity kinds, timers, search attributes and
// summaries of src/workflows/access-request, and nothing that decides, stores or asks anybody.
import { allHandlersFinished, ApplicationFailure, CancellationScope, condition, defineSignal, defineUpdate, proxyActivities, proxyLocalActivities, setHandler, sleep, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';

const decide = defineUpdate('decide');
const wakeUp = defineSignal('wake');
const quick = proxyLocalActivities({ startToCloseTimeout: '6s', retry: { maximumAttempts: 3, initialInterval: '50ms', maximumInterval: '500ms' } });
const tickets = proxyActivities({ startToCloseTimeout: '60s', summary: 'Comment on the ticket, move it on', retry: { initialInterval: '2s', maximumInterval: '10m' } });
const KEYS = ['AccessPhase', 'PendingStage'].map((name) => defineSearchAttributeKey(name, 'KEYWORD'));
const DATES = ['ExpiresAt', 'ApprovalDueAt'].map((name) => defineSearchAttributeKey(name, 'DATETIME'));
const MANUAL = defineSearchAttributeKey('NeedsManualAction', 'BOOL');

/** @param {{ siteId: string, requestId: string, connected: boolean }} input */
export async function bareLife({ siteId, requestId, connected }) {
  const core = proxyActivities({ taskQueue: workflowInfo().taskQueue.replace(/governance$/, 'core'), startToCloseTimeout: '60s', heartbeatTimeout: '15s', cancellationType: 'WAIT_CANCELLATION_COMPLETED', summary: 'Converge', retry: { maximumAttempts: 3 } });
  let woken = false;
  let decided = false;
  setHandler(wakeUp, () => { woken = true; });
  setHandler(decide, async (commandId) => {
    await quick.applyCommand(siteId, commandId, null);
    decided = true;
    return { status: 200, stored: '{"ok":true}' };
  }, { validator: (commandId) => { if (typeof commandId !== 'string' || commandId === '') throw ApplicationFailure.nonRetryable('a command id is expected', 'command.shape'); } });

  await quick.loadRequest(siteId, requestId);
  let alarm = startAlarm('24h', 'remind approvers');
  await condition(() => decided);
  alarm.cancel();
  await provider('provisioning');
  show('active');
  alarm = startAlarm('30d', 'access expires');
  await tickets.updateTicket(siteId, requestId);
  await condition(() => woken);
  await quick.loadRequest(siteId, requestId);
  alarm.cancel();
  await provider('removing');
  show('closed');
  await tickets.updateTicket(siteId, requestId);
  await condition(allHandlersFinished);

  async function provider(phase) {
    if (!connected) return;
    show(phase);
    const result = await core.convergeMembership({ siteId, requestId });
    await quick.recordProviderResult(siteId, requestId, result);
  }
}

function show(phase) {
  upsertSearchAttributes([{ key: KEYS[0], value: phase }, { key: KEYS[1], value: null }, ...DATES.map((key) => ({ key, value: null })), { key: MANUAL, value: false }]);
}
function startAlarm(duration, summary) {
  const scope = new CancellationScope();
  void scope.run(() => sleep(duration, { summary })).catch(() => undefined);
  return scope;
}
