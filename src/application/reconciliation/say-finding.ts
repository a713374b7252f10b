import { covers, waiverOf, type Waiver } from '../../domain/reconciliation/breaker.js';
import type { DriftResponse, Effect, FindingState, MemberDrift } from '../../domain/reconciliation/finding.js';
import type { JsonObject } from '../../domain/audit/json.js';
import type { RecordedMember } from '../ports/reconciliation-store.port.js';
import type { RunCase } from './run-case.js';

export interface Said { readonly id: string; readonly state: FindingState; readonly isNew: boolean }

export const subjectKeyOf = (connectorId: string, externalGroupId: string, identityHash?: string): string => [connectorId, externalGroupId, ...(identityHash === undefined ? [] : [identityHash])].join('/');

/** What a confirmed difference says: once while it lasts, with what was read (SPEC D1). */
export async function sayMember(c: RunCase, externalGroupId: string, found: { readonly kind: MemberDrift; readonly effect: Effect; readonly member: RecordedMember; readonly evidence: JsonObject }): Promise<Said> {
  const { kind, effect, member, evidence } = found;
  const toolKey = toolOf(member) ?? (await c.deps.runs.groupTools(c.tx, c.connector.id, externalGroupId))[0]?.toolKey ?? null;
  const accountId = member.accountIds[0] ?? null;
  const said = await c.deps.runs.openFinding(c.tx, {
    id: `fnd_${c.deps.newId()}`, kind, subjectKey: subjectKeyOf(c.connector.id, externalGroupId, member.identityHash), response: responseOf(effect), toolKey, connectorId: c.connector.id, externalGroupId,
    identityHash: member.identityHash, accountId, loginHint: member.loginHint, recordId: c.run.id, evidence,
  });
  if (said.isNew) {
    c.count('findings');
    await c.audit('finding.opened', { findingId: said.id, groupId: externalGroupId, ...(toolKey === null ? {} : { toolKey }), ...(accountId === null ? {} : { accountId }) }, { kind, effect, identityHash: member.identityHash, ...evidence });
  }
  return said;
}

const toolOf = ({ activeRequests, endedRequest }: RecordedMember): string | undefined => activeRequests[0]?.toolKey ?? endedRequest?.toolKey;
const responseOf = (effect: Effect): DriftResponse => (effect === 'quarantine' || effect === 'revert' ? effect : 'report');

const GROUP_KINDS = ['groupDeleted', 'massChange'] as const;
type GroupKind = (typeof GROUP_KINDS)[number];

/**
 * What is about a whole group: it was deleted, or too much would change (SPEC D3). An admin's word on it counts for what it says (breaker.ts), so a hold that is
 * about more, or has another reason, is another finding; also where the earlier one was dismissed.
 */
export async function sayGroup(c: RunCase, externalGroupId: string, kind: GroupKind, hold: Waiver & { readonly listed: number; readonly expected: number }): Promise<Said> {
  const evidence = { ...hold };
  await supersede(c, externalGroupId, kind, hold);
  const [tool] = await c.deps.runs.groupTools(c.tx, c.connector.id, externalGroupId);
  const said = await c.deps.runs.openFinding(c.tx, {
    id: `fnd_${c.deps.newId()}`, kind, subjectKey: subjectKeyOf(c.connector.id, externalGroupId), response: 'quarantine', toolKey: tool?.toolKey ?? null, connectorId: c.connector.id, externalGroupId,
    identityHash: null, accountId: null, loginHint: null, recordId: c.run.id, evidence,
  });
  if (said.isNew) {
    c.count('findings');
    await c.audit('finding.opened', { findingId: said.id, groupId: externalGroupId, ...(tool === undefined ? {} : { toolKey: tool.toolKey }) }, { kind, ...evidence });
  }
  return said;
}

async function supersede(c: RunCase, externalGroupId: string, kind: GroupKind, hold: Waiver): Promise<void> {
  for (const one of GROUP_KINDS) {
    const standing = await c.deps.runs.lockStanding(c.tx, one, subjectKeyOf(c.connector.id, externalGroupId));
    const shown = standing === null || one !== kind ? null : waiverOf(standing.evidence);
    if (standing === null || (shown !== null && covers(shown, hold))) continue;
    await c.deps.runs.supersedeFinding(c.tx, standing.id);
    if (standing.state === 'open') await c.audit('finding.dismissed', { findingId: standing.id, groupId: externalGroupId }, { kind: one, superseded: true });
  }
}
