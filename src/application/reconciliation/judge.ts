import { holdGroups } from '../../domain/reconciliation/breaker.js';
import { sayGroup } from './say-finding.js';
import type { RunCase } from './run-case.js';

/**
 * All listings are in: where too much would change, nothing does, and one finding asks (SPEC D3). Judged over suspicions, before a single one costs a read.
 * What only says something, or removes what has ended, goes on in a held group too.
 */
export async function judge(c: RunCase): Promise<void> {
  const { runs } = c.deps;
  const outcomes = (await runs.outcomes(c.tx, c.run.id)).filter(({ state }) => state !== 'failed');
  for (const { externalGroupId, reason } of holdGroups(outcomes, await c.deps.limits(c.tx))) {
    const group = outcomes.find((outcome) => outcome.externalGroupId === externalGroupId);
    const held = await runs.holdChanges(c.tx, c.run.id, externalGroupId);
    await runs.updateGroup(c.tx, c.run.id, externalGroupId, { held: reason });
    c.count('held', held);
    const evidence = { reason, changes: held, listed: group?.listed ?? 0, expected: group?.expected ?? 0 };
    await sayGroup(c, externalGroupId, reason === 'groupDeleted' ? 'groupDeleted' : 'massChange', evidence);
    await c.audit('reconciliation.stopped', { groupId: externalGroupId }, evidence);
  }
  await c.keep({ judged: true });
}
