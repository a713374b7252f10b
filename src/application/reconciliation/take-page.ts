import { compareMember } from '../../domain/reconciliation/compare.js';
import { effectOf, sharedResponse } from '../../domain/reconciliation/finding.js';
import { retryDelayMs } from '../../domain/provisioning/provisioning.js';
import type { CoreCallResult } from '../core/core-call.js';
import { pacedPauseMs } from '../core/paced.js';
import type { DifferenceRow, Doing, GroupRow, RecordedMember } from '../ports/reconciliation-store.port.js';
import { compareApps } from './group-apps.js';
import type { RunCase } from './run-case.js';

/**
 * A provider that does not answer is asked this often for one page or one group before the group is given up for this run. Pages that are only read again, because
 * the listing had to begin anew, don't start the count afresh: a page that is refused for ever would otherwise be asked for for ever.
 */
const PATIENCE = 6;
const UNSEEN_BATCH = 500;
interface Suspect { readonly member: RecordedMember; readonly difference: Omit<DifferenceRow, 'attempts'> }
type Page = CoreCallResult & { readonly kind: 'members' };

/**
 * One page (SPEC D4): who is on it is kept until the group is complete, and who is not explained becomes a suspicion. Taking the same page twice changes
 * nothing, so a run that died goes on with the page that it had asked for.
 */
export async function takePage(c: RunCase, group: GroupRow, page: Page): Promise<void> {
  const { tx, deps: { runs } } = c;
  if (page.apps !== undefined) await compareApps(c, group, page.apps);
  await runs.sight(tx, c.run.id, group.externalGroupId, page.hashes);
  const suspects = await suspicious(c, group, page);
  const inState = (wanted: DifferenceRow['state']): Suspect['difference'][] => suspects.flatMap(({ difference }) => (difference.state === wanted ? [difference] : []));
  await runs.insertDifferences(tx, c.run.id, inState('said'));
  c.count('differences', await runs.insertDifferences(tx, c.run.id, inState('suspected')));
  await tellDeactivated(c, group, page);
  const unknown = suspects.filter(({ member, difference }) => member.externalIdentityId === null && difference.isPerson).map(({ member }) => page.hashes.indexOf(member.identityHash));
  if (unknown.length === 0) return turn(c, group, page.next, page.hashes.length);
  await runs.updateGroup(tx, c.run.id, group.externalGroupId, { nextCursor: page.next });
  const { externalGroupId } = group;
  c.step = await c.ask({ kind: 'describe', externalGroupId, members: page.hashes.length }, { kind: 'describeMembers', sealedPage: page.sealedPage, indexes: unknown }, 'Tell apart members that nobody mapped');
}

/** Members whom governance had no sealed id of; then the listing goes on. */
export async function takeIdentities(c: RunCase, group: GroupRow, { members }: Doing & { readonly kind: 'describe' }, { identities }: CoreCallResult & { readonly kind: 'described' }): Promise<void> {
  await c.deps.runs.putIdentities(c.tx, c.connector.id, identities.map((identity) => ({ id: `ext_${c.deps.newId()}`, ...identity })));
  await turn(c, group, group.nextCursor, members);
}

/** On to the next page, or to the end of the group. The cursor moves, and the page counts, only when everything about it is kept. */
async function turn(c: RunCase, group: GroupRow, next: string | null, onPage: number): Promise<void> {
  const { runs } = c.deps;
  const pages = group.pages + 1;
  const members = group.members + onPage;
  c.count('pages');
  await runs.updateGroup(c.tx, c.run.id, group.externalGroupId, { cursor: next, nextCursor: null, pages, members, ...(pages > group.furthest ? { furthest: pages, attempts: 0, error: null } : {}) });
  if (next !== null) return;
  c.count('members', members);
  await completeGroup(c, { ...group, pages, members }, 'listed');
}

/**
 * What moves is suspected like the rest: whether it had come to rest is asked when it is confirmed, against the moment of the read.
 * The listing is whole: who should have been on it is judged now, and not a page earlier.
 */
export async function completeGroup(c: RunCase, group: GroupRow, state: 'listed' | 'deleted'): Promise<void> {
  const { runs } = c.deps;
  const { externalGroupId } = group;
  const response = sharedResponse((await runs.groupTools(c.tx, c.connector.id, externalGroupId)).map((tool) => tool.response));
  for (;;) {
    const hashes = await runs.unseenMembers(c.tx, { runId: c.run.id, connectorId: c.connector.id, externalGroupId, limit: UNSEEN_BATCH });
    const members = await runs.recordedMembers(c.tx, { connectorId: c.connector.id, externalGroupId, hashes, since: listedFrom(group), onlySuspicious: false });
    const found = members.flatMap((member): Omit<DifferenceRow, 'attempts'>[] => {
      const kind = compareMember({ listed: false, settled: true, mapped: true, baseline: member.baseline, grantedByHand: member.grantedByHand, membership: member.membership });
      // What is explained is kept as seen, so that the next batch is another one.
      return [{ ...difference(c, group, member.identityHash), kind: 'outOfBandRemoval', effect: effectOf('outOfBandRemoval', response), state: kind === null ? 'vanished' : 'suspected' }];
    });
    await runs.insertDifferences(c.tx, c.run.id, found);
    c.count('differences', found.filter((one) => one.state === 'suspected').length);
    if (hashes.length < UNSEEN_BATCH) break;
  }
  if (group.isBaseline && state === 'listed') await recordBaseline(c, externalGroupId);
  await runs.updateGroup(c.tx, c.run.id, externalGroupId, { state, expected: await runs.countExpected(c.tx, c.connector.id, externalGroupId) });
  await runs.forgetSightings(c.tx, c.run.id, externalGroupId);
  c.count('groups');
}

async function recordBaseline(c: RunCase, externalGroupId: string): Promise<void> {
  const proposed = await c.deps.runs.proposeBaseline(c.tx, c.run.id, c.connector.id, externalGroupId);
  c.count('baseline', proposed);
  await c.audit('baseline.recorded', { groupId: externalGroupId }, { members: proposed });
}

/** Also who must be told apart first: members of a first listing become proposals, which need a name to be recognised by. */
async function suspicious(c: RunCase, group: GroupRow, page: Page): Promise<readonly Suspect[]> {
  const { runs } = c.deps;
  const others = new Set(page.others.map((place) => page.hashes[place]));
  const members = await runs.recordedMembers(c.tx, { connectorId: c.connector.id, externalGroupId: group.externalGroupId, hashes: page.hashes, since: listedFrom(group), onlySuspicious: true });
  const response = sharedResponse((await runs.groupTools(c.tx, c.connector.id, group.externalGroupId)).map((tool) => tool.response));
  return members.flatMap((member): Suspect[] => {
    const kind = compareMember({ listed: true, settled: true, mapped: member.accountIds.length > 0, baseline: member.baseline, grantedByHand: member.grantedByHand, membership: member.membership });
    if (kind === null) return [];
    const isPerson = !others.has(member.identityHash);
    const base = { ...difference(c, group, member.identityHash), isPerson };
    if (group.isBaseline && (kind === 'outOfBandAdd' || kind === 'unknownMember')) return [{ member, difference: { ...base, kind: 'baselineMember' as const, effect: 'report' as const, state: 'said' as const } }];
    // What is no person can't be read or removed singly: it is said, whatever the tool wants.
    const effect = effectOf(kind, isPerson ? response : 'quarantine');
    return [{ member, difference: { ...base, kind, effect, state: 'suspected' as const } }];
  });
}
const difference = (c: RunCase, group: GroupRow, identityHash: string): { readonly id: string; readonly externalGroupId: string; readonly identityHash: string; readonly isPerson: boolean; readonly findingId: null } =>
  ({ id: `dif_${c.deps.newId()}`, externalGroupId: group.externalGroupId, identityHash, isPerson: true, findingId: null });

async function tellDeactivated(c: RunCase, group: GroupRow, page: Page): Promise<void> {
  const hashes = page.deactivated.flatMap((place) => page.hashes[place] ?? []);
  if (hashes.length === 0) return;
  const members = await c.deps.runs.recordedMembers(c.tx, { connectorId: c.connector.id, externalGroupId: group.externalGroupId, hashes, since: listedFrom(group), onlySuspicious: false });
  for (const { externalIdentityId, identityHash, loginHint, accountIds, activeRequests } of members) {
    if (externalIdentityId !== null && (accountIds.length > 0 || activeRequests.length > 0)) await c.deps.identityDeactivated(c.tx, { connectorId: c.connector.id, externalIdentityId, identityHash, loginHint, accountIds, recordId: c.run.id });
  }
}

/** No page came: asked again after a while, from the start where the provider forgot the place, or given up for this run. Never taken for an empty group. */
export async function takeListingFailure(c: RunCase, group: GroupRow, failed: CoreCallResult & { readonly kind: 'failed' }): Promise<void> {
  const { runs } = c.deps;
  const { externalGroupId } = group;
  const pacedMs = pacedPauseMs(failed);
  if (pacedMs !== null) return c.pause(pacedMs);
  const attempts = group.attempts + 1;
  if (failed.failure === 'groupNotFound' && attempts <= PATIENCE) {
    await runs.updateGroup(c.tx, c.run.id, externalGroupId, { attempts });
    c.step = await c.ask({ kind: 'lookAtGroup', externalGroupId }, { kind: 'bindGroup', externalGroupId }, 'Whether the group is still there');
    return;
  }
  if (GOES_TO_PEOPLE.has(failed.failure) || attempts > PATIENCE) return giveUp(c, group, failed.detail);
  if (failed.failure === 'rejected' && group.cursor !== null) await forget(c, group);
  const fresh = failed.failure === 'rejected' ? { cursor: null, pages: 0, members: 0 } : {};
  await runs.updateGroup(c.tx, c.run.id, externalGroupId, { attempts, error: failed.detail, ...fresh });
  await c.pause(Math.min(60_000, retryDelayMs(attempts, failed.retryAfterMs ?? null)));
}
const GOES_TO_PEOPLE: ReadonlySet<string> = new Set(['unauthorized', 'forbidden', 'configurationUnreadable', 'groupNotManageable']);

/** What a listing suspected that is not whole counts for nothing. */
async function forget(c: RunCase, { externalGroupId }: GroupRow): Promise<void> {
  c.count('differences', -(await c.deps.runs.forgetListing(c.tx, c.run.id, externalGroupId)));
}
async function giveUp(c: RunCase, group: GroupRow, error: string): Promise<void> {
  await forget(c, group);
  await c.deps.runs.updateGroup(c.tx, c.run.id, group.externalGroupId, { state: 'failed', error, cursor: null });
}

/** The group was asked for on its own: gone, or the listing was wrong about it. */
export async function takeLook(c: RunCase, group: GroupRow, result: CoreCallResult): Promise<void> {
  if (result.kind === 'failed' && result.failure === 'groupNotFound') return completeGroup(c, { ...group, members: 0 }, 'deleted');
  const pacedMs = pacedPauseMs(result);
  if (pacedMs === null) return c.pause(retryDelayMs(group.attempts, null));
  // Nobody has looked: the listing is asked for again, and finds the group missing again, at no cost.
  await c.deps.runs.updateGroup(c.tx, c.run.id, group.externalGroupId, { attempts: Math.max(0, group.attempts - 1) });
  await c.pause(pacedMs);
}

function listedFrom(group: GroupRow): Date {
  if (group.listedFrom === null) throw new Error(`group ${group.externalGroupId} has a page before its listing began`);
  return group.listedFrom;
}
