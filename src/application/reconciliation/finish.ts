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
    // Dismissed meanwhile: ended access is removed all the same (SPEC D1), and the admin's word on the finding stays the last.
    const closed = await runs.closeFinding(c.tx, findingId, { state: 'repaired', resolvedBy: 'reconciliation', note: null, gone: true });
    if (closed) await c.audit('finding.repaired', { findingId }, { observed: 'absent' });
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

/** A run is done when everything that it doubted was read and everything that it decided was carried out; otherwise it says what is missing. */
async function close(c: RunCase): Promise<void> {
  const outcomes = await c.deps.runs.outcomes(c.tx, c.run.id);
  const held = (c.run.counts.held ?? 0) > 0 || outcomes.some((outcome) => outcome.held !== null);
  const missing = await missingOf(c, outcomes.filter(({ state }) => state === 'failed').map(({ externalGroupId }) => externalGroupId));
  const status = held ? 'stopped' : missing.length > 0 ? 'failed' : 'done';
  await c.keep({ status, doing: null, endedAt: c.tx.now, failure: missing.length === 0 ? null : missing.join('; ') });
  await c.tx.audit({ action: 'reconciliation.ended', actor: RECONCILIATION, subject: { connectorId: c.connector.id }, data: { recordId: c.run.id, status, counts: { ...c.run.counts } } });
}

async function missingOf(c: RunCase, failedGroups: readonly string[]): Promise<readonly string[]> {
  const { unreadable, failed } = await c.deps.runs.leftOver(c.tx, c.run.id);
  return [
    ...(failedGroups.length === 0 ? [] : [`${failedGroups.length} groups could not be listed: ${failedGroups.slice(0, 5).join(', ')}`]),
    ...(unreadable === 0 ? [] : [`${unreadable} differences could not be confirmed: the members could not be read, or were changing all the while`]),
    ...(failed === 0 ? [] : [`${failed} confirmed differences could not be put right`]),
  ];
}
