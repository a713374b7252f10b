import { changedApps, type GroupApp } from '../../domain/reconciliation/group-apps.js';
import type { GroupRow } from '../ports/reconciliation-store.port.js';
import type { RunCase } from './run-case.js';
import { subjectKeyOf } from './say-finding.js';

const KIND = 'groupAppsChanged';
interface Changed { readonly added: readonly string[]; readonly removed: readonly string[] }

/**
 * What the group opens now is compared with what it opened when an admin confirmed its assignment (SPEC F15). Where nobody had looked at that moment, the first
 * look after it is what later ones are compared with. Another difference is another finding.
 */
export async function compareApps(c: RunCase, { externalGroupId }: GroupRow, apps: readonly GroupApp[]): Promise<void> {
  const { runs } = c.deps;
  const subjectKey = subjectKeyOf(c.connector.id, externalGroupId);
  const confirmed = await runs.keepApps(c.tx, c.connector.id, externalGroupId, apps);
  const changed = confirmed.map((known) => changedApps(known, apps)).find((difference) => difference !== null) ?? null;
  const standing = await runs.lockStanding(c.tx, KIND, subjectKey);
  if (standing !== null && (changed === null || !says(standing.evidence, changed))) {
    await runs.supersedeFinding(c.tx, standing.id);
    if (standing.state === 'open') await c.audit('finding.dismissed', { findingId: standing.id, groupId: externalGroupId }, { kind: KIND, superseded: true });
  }
  if (changed !== null) await say(c, externalGroupId, subjectKey, changed);
}

async function say(c: RunCase, externalGroupId: string, subjectKey: string, { added, removed }: Changed): Promise<void> {
  const [tool] = await c.deps.runs.groupTools(c.tx, c.connector.id, externalGroupId);
  const evidence = { added: [...added], removed: [...removed] };
  const said = await c.deps.runs.openFinding(c.tx, {
    id: `fnd_${c.deps.newId()}`, kind: KIND, subjectKey, response: 'report', toolKey: tool?.toolKey ?? null, connectorId: c.connector.id, externalGroupId,
    identityHash: null, accountId: null, loginHint: null, recordId: c.run.id, evidence,
  });
  if (!said.isNew) return;
  c.count('findings');
  await c.audit('finding.opened', { findingId: said.id, groupId: externalGroupId, ...(tool === undefined ? {} : { toolKey: tool.toolKey }) }, { kind: KIND, ...evidence });
}

const says = (evidence: Readonly<Record<string, unknown>>, { added, removed }: Changed): boolean => JSON.stringify([evidence['added'], evidence['removed']]) === JSON.stringify([added, removed]);
