import type { CoreCallOrder, CoreCallResult } from '../core/core-call.js';
import { pacedPauseMs } from '../core/paced.js';
import type { MassActionEngine } from '../ports/mass-action-engine.port.js';
import { JiraFailure } from '../ports/jira.port.js';
import type { JiraSites } from '../ports/jira-sites.port.js';
import type { HintState, LeaverHint } from '../ports/leaver-store.port.js';
import type { MassActionRow } from '../ports/mass-action-store.port.js';
import type { SiteTx, UnitOfWork } from '../ports/unit-of-work.port.js';
import { openLeaver, type LeaverStores } from './open-leaver.js';

export interface LeaverDeps extends LeaverStores {
  readonly uow: UnitOfWork<SiteTx>;
  readonly jiraSites: JiraSites;
  readonly massActionEngine: MassActionEngine;
}

/** After so many reads without an answer the hint is given up; whoever hears of the person again asks again. */
const MAX_ATTEMPTS = 20;
const retryInMs = (attempts: number): number => Math.min(3_600_000, 15_000 * 2 ** Math.min(10, attempts));

/** What the core worker is to read for a hint, or null when there is nothing to ask it: settled already, an account of Jira (read here), or gone. */
export async function beginLeaverCheck(deps: LeaverDeps, siteId: string, hintId: string): Promise<CoreCallOrder | null> {
  const hint = await deps.uow.run(siteId, (tx) => deps.leavers.lockHint(tx, hintId));
  if (hint?.state !== 'pending') return null;
  if (hint.accountId !== null) {
    await checkAccount(deps, siteId, hint.id, hint.attempts, hint.accountId);
    return null;
  }
  const order = await deps.uow.run(siteId, (tx) => orderOf(deps, tx, hint));
  if (order === null) await deps.uow.run(siteId, (tx) => deps.leavers.settleHint(tx, hint.id, 'unmapped'));
  return order;
}

async function orderOf(deps: LeaverDeps, tx: SiteTx, hint: LeaverHint): Promise<CoreCallOrder | null> {
  const identity = hint.externalIdentityId === null ? { connectorId: hint.connectorId, sealed: hint.sealedIdentity } : await deps.leavers.identity(tx, hint.externalIdentityId);
  if (identity?.connectorId == null || identity.sealed === null) return null;
  const connector = await deps.leavers.connector(tx, identity.connectorId);
  return connector === null ? null : { siteId: tx.siteId, connectorId: identity.connectorId, ...connector, kind: 'readIdentity', sealedIdentity: identity.sealed };
}

/** What the read said: a case for each account of a person who is gone, or nothing. A read that failed is made again later; one that found no room in the tenant's budget of calls was never made, and costs no try. */
export async function finishLeaverCheck(deps: LeaverDeps, siteId: string, hintId: string, connectorId: string, result: CoreCallResult): Promise<HintState> {
  const settled = await deps.uow.run(siteId, async (tx) => {
    const hint = await deps.leavers.lockHint(tx, hintId);
    if (hint?.state !== 'pending') return { state: hint?.state ?? 'unmapped', cases: [] };
    if (result.kind !== 'identityState') return { state: await failed(deps, tx, hint, pacedPauseMs(result)), cases: [] };
    const accounts = await deps.leavers.accountsOf(tx, result.identityHash, connectorId);
    const state: HintState = accounts.length === 0 ? 'unmapped' : result.state === 'active' ? 'refuted' : 'confirmed';
    if (state === 'refuted') await tx.audit({ action: 'leaver.refuted', actor: { kind: 'system', name: 'leaver' }, subject: { connectorId }, data: { cause: hint.cause, accounts: [...accounts] } });
    const cases = state === 'confirmed' ? await openAll(deps, tx, accounts, hint.cause) : [];
    await deps.leavers.settleHint(tx, hintId, state, accounts);
    return { state, cases };
  });
  await startAll(deps, siteId, settled.cases);
  return settled.state;
}

async function failed(deps: LeaverDeps, tx: SiteTx, hint: Pick<LeaverHint, 'id' | 'attempts'>, pacedMs: number | null = null): Promise<HintState> {
  if (pacedMs !== null) {
    await deps.leavers.delayHint(tx, hint.id, { retryInMs: pacedMs, tries: 0 });
    return 'pending';
  }
  if (hint.attempts + 1 < MAX_ATTEMPTS) {
    await deps.leavers.delayHint(tx, hint.id, { retryInMs: retryInMs(hint.attempts), tries: 1 });
    return 'pending';
  }
  await deps.leavers.settleHint(tx, hint.id, 'unreadable');
  return 'unreadable';
}

async function openAll(deps: LeaverDeps, tx: SiteTx, accounts: readonly string[], cause: LeaverHint['cause']): Promise<readonly MassActionRow[]> {
  const opened: MassActionRow[] = [];
  for (const accountId of accounts) {
    const row = await openLeaver(deps, tx, accountId, cause);
    if (row !== null) opened.push(row);
  }
  return opened;
}

async function checkAccount(deps: LeaverDeps, siteId: string, hintId: string, attempts: number, accountId: string): Promise<void> {
  const active = await readAccount(deps, siteId, accountId);
  const cases = await deps.uow.run(siteId, async (tx) => {
    const opened = active === false ? await openAll(deps, tx, [accountId], 'jiraAccount') : [];
    if (active === 'unreadable') await failed(deps, tx, { id: hintId, attempts });
    else await deps.leavers.settleHint(tx, hintId, active ? 'refuted' : 'confirmed', [accountId]);
    return opened;
  });
  await startAll(deps, siteId, cases);
}

/** Closed is what Jira says in so many words: an account that it does not show may be hidden from the app. */
async function readAccount(deps: Pick<LeaverDeps, 'jiraSites'>, siteId: string, accountId: string, signal?: AbortSignal): Promise<boolean | 'unreadable'> {
  const site = await deps.jiraSites.find(siteId);
  if (site === null) return true;
  try {
    return (await site.jira.isAccountActive(accountId, signal)) ?? true;
  } catch (error) {
    if (error instanceof JiraFailure) return 'unreadable';
    throw error;
  }
}

/** The poller starts what is not started. */
async function startAll(deps: LeaverDeps, siteId: string, cases: readonly MassActionRow[]): Promise<void> {
  for (const { id, source, status } of cases) if (status === 'running') await deps.massActionEngine.run(siteId, id, source).catch(() => undefined);
}

const PAGE = 100;
/** A provider that sends an event twice does so within days; until then the hint tells that it was heard. */
const HINTS_KEPT_DAYS = 7;
/** Daily: who holds or awaits access and has a closed Jira account (SPEC G6); and hints whose cases are closed are deleted. @param beat told after each account */
export async function sweepLeavers(deps: LeaverDeps & { readonly siteIds: () => Promise<readonly string[]> }, beat: () => void, signal?: AbortSignal): Promise<{ readonly looked: number; readonly left: number }> {
  const total = { looked: 0, left: 0 };
  for (const siteId of await deps.siteIds()) {
    const swept = await sweepSite(deps, siteId, beat, signal);
    await deps.uow.run(siteId, async (tx) => {
      const pruned = await deps.leavers.pruneHints(tx, HINTS_KEPT_DAYS);
      await tx.audit({ action: 'sweep.ran', actor: { kind: 'system', name: 'leaver-sweep' }, subject: {}, data: { ...swept, pruned } });
    });
    total.looked += swept.looked;
    total.left += swept.left;
  }
  return total;
}
async function sweepSite(deps: LeaverDeps, siteId: string, beat: () => void, signal?: AbortSignal): Promise<{ readonly looked: number; readonly left: number; readonly unreadable: number }> {
  const swept = { looked: 0, left: 0, unreadable: 0 };
  for (let after = ''; ;) {
    const from = after;
    const accounts = await deps.uow.run(siteId, (tx) => deps.leavers.holders(tx, from, PAGE));
    for (const accountId of accounts) {
      const active = await readAccount(deps, siteId, accountId, signal);
      swept.looked += 1;
      if (active === 'unreadable') swept.unreadable += 1;
      if (active === false) {
        const cases = await deps.uow.run(siteId, (tx) => openAll(deps, tx, [accountId], 'jiraAccount'));
        swept.left += cases.length;
        await startAll(deps, siteId, cases);
      }
      beat();
    }
    after = accounts.at(-1) ?? '';
    if (accounts.length < PAGE) return swept;
  }
}
