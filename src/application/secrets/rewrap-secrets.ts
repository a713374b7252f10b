import { SEALED_PLACES, type SealedPlace, type SealedValue, type SealedValues } from '../ports/sealed-values.port.js';
import { SealingFailure, type Rewrapper } from '../ports/sealing.port.js';
import type { SiteTx, UnitOfWork } from '../ports/unit-of-work.port.js';

export interface RewrapDeps {
  readonly uow: UnitOfWork<SiteTx>;
  readonly values: SealedValues;
  /** By what sealed the values of a place: the core's key pair, or the ring of the Jira credentials. */
  readonly rewrapperOf: (place: SealedPlace) => Rewrapper;
  readonly batchSize?: number;
  readonly onBatch?: (rewrapped: number) => void;
}

export interface RewrapReport {
  readonly rewrapped: number;
  /** Under the newest key before this run. */
  readonly current: number;
  /** Could not be opened: their key is not in the ring, or a byte was changed. Named by place and id. */
  readonly unreadable: readonly string[];
}

/**
 * Brings every sealed value of every site under the newest key (ADR 0009). In batches, each a transaction of its own with its audit event, so that a run that
 * was killed goes on where it stopped: what is under the newest key is left alone. A value that somebody replaced meanwhile is left to the next run. Nothing that
 * was opened leaves this function.
 */
export async function rewrapSecrets(deps: RewrapDeps): Promise<RewrapReport> {
  const total: Total = { rewrapped: 0, current: 0, unreadable: [] };
  for (const siteId of await deps.values.siteIds()) {
    for (const place of SEALED_PLACES) await rewrapPlace(deps, siteId, place, total);
  }
  return total;
}

interface Total { rewrapped: number; current: number; readonly unreadable: string[] }
async function rewrapPlace(deps: RewrapDeps, siteId: string, place: SealedPlace, total: Total): Promise<void> {
  const limit = deps.batchSize ?? 100;
  const rewrapper = deps.rewrapperOf(place);
  for (let after = ''; ;) {
    const from = after;
    const page = await deps.uow.run(siteId, (tx) => deps.values.page(tx, place, from, limit));
    const old = page.filter(({ sealed }) => rewrapper.keyOf(sealed) !== rewrapper.newestKey);
    total.current += page.length - old.length;
    const made = await sealAnew(rewrapper, place, old, total);
    const replaced = made.length === 0 ? 0 : await deps.uow.run(siteId, (tx) => replaceAll(deps, tx, place, rewrapper, made));
    total.rewrapped += replaced;
    if (replaced > 0) deps.onBatch?.(total.rewrapped);
    const last = page.at(-1);
    if (last === undefined || page.length < limit) return;
    after = last.id;
  }
}

interface Remade { readonly value: SealedValue; readonly next: string }
/** Outside any transaction: opening and sealing are work for the processor, and hold no row. */
async function sealAnew(rewrapper: Rewrapper, place: SealedPlace, values: readonly SealedValue[], total: Total): Promise<readonly Remade[]> {
  const made: Remade[] = [];
  for (const value of values) {
    try {
      made.push({ value, next: await rewrapper.seal(value.context, await rewrapper.open(value.context, value.sealed)) });
    } catch (error) {
      if (!(error instanceof SealingFailure)) throw error;
      total.unreadable.push(`${place} ${value.context.siteId}/${value.id}: ${error.code}`);
    }
  }
  return made;
}

async function replaceAll(deps: RewrapDeps, tx: SiteTx, place: SealedPlace, rewrapper: Rewrapper, made: readonly Remade[]): Promise<number> {
  const from = new Set<string>();
  let count = 0;
  for (const { value, next } of made) {
    if (!(await deps.values.replace(tx, place, value, next))) continue;
    count += 1;
    from.add(rewrapper.keyOf(value.sealed) ?? 'unknown');
  }
  if (count > 0) await tx.audit({ action: 'secret.rewrapped', actor: { kind: 'system', name: 'secrets' }, subject: {}, data: { place, values: count, from: [...from].sort(), to: rewrapper.newestKey } });
  return count;
}
