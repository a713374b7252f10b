import { RECONCILIATION, type RunCase } from './run-case.js';

/** How long a run waits to see the removals that it asked requests for verified: with a healthy provider they take a moment. Tries, milliseconds. */
const SETTLE_TRIES = 20;
const SETTLE_MS = 500;

/** Nothing is left to do: closes what is over, and the run (SPEC D4: its record stays). False while removals are still being verified. */
export async function finish(c: RunCase): Promise<boolean> {
  const { runs } = c.deps;
  const tries = c.run.doing?.kind === 'settle' ? c.run.doing.tries : 0;
  const settled = await runs.settleRemovals(c.tx, c.run.id);
  for (const findingId of settled.findings) {
    c.count('removed');
    await runs.closeFinding(c.tx, findingId, { state: 'repaired', resolvedBy: 'reconciliation', note: null, gone: true });
    await c.audit('finding.repaired', { findingId }, { observed: 'absent' });
  }
  if (settled.open > 0 && tries < SETTLE_TRIES) {
    await c.pause(SETTLE_MS, { kind: 'settle', tries: tries + 1 });
    return false;
  }
  for (const { id, kind, toolKey, accountId } of await runs.closeGone(c.tx, c.run.id, c.connector.id)) {
    await c.audit('finding.repaired', { findingId: id, ...(toolKey === null ? {} : { toolKey }), ...(accountId === null ? {} : { accountId }) }, { kind, gone: true });
  }
  await close(c);
  return true;
}

async function close(c: RunCase): Promise<void> {
  const outcomes = await c.deps.runs.outcomes(c.tx, c.run.id);
  const failed = outcomes.filter(({ state }) => state === 'failed').map(({ externalGroupId }) => externalGroupId);
  const held = (c.run.counts.held ?? 0) > 0 || outcomes.some((outcome) => outcome.held !== null);
  const status = held ? 'stopped' : failed.length > 0 ? 'failed' : 'done';
  await c.keep({ status, doing: null, endedAt: c.tx.now, failure: failed.length === 0 ? null : `${failed.length} groups could not be listed: ${failed.slice(0, 5).join(', ')}` });
  await c.tx.audit({ action: 'reconciliation.ended', actor: RECONCILIATION, subject: { connectorId: c.connector.id }, data: { recordId: c.run.id, status, counts: { ...c.run.counts } } });
}
