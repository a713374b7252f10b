import type { AuditAction } from '../../domain/audit/actions.js';
import type { AuditActor, AuditSubject } from '../../domain/audit/entry.js';
import type { JsonObject } from '../../domain/audit/json.js';
import type { BreakerLimits } from '../../domain/reconciliation/breaker.js';
import { RUN_COUNTS, type Doing, type ReconciliationStore, type RunConnector, type RunCount, type RunCounts, type RunRow } from '../ports/reconciliation-store.port.js';
import type { RecordStore } from '../ports/record.port.js';
import type { SiteTx, UnitOfWork } from '../ports/unit-of-work.port.js';
import type { CoreCallArguments } from '../core/core-call.js';
import type { DeactivatedIdentity } from './identity-deactivated.js';
import type { ReconciliationStep } from './step.js';

export interface ReconciliationDeps {
  readonly uow: UnitOfWork<SiteTx>;
  readonly runs: ReconciliationStore;
  readonly store: RecordStore;
  readonly newId: () => string;
  readonly limits: (tx: SiteTx) => Promise<BreakerLimits>;
  /** A mapped person whom the provider lists as deactivated (SPEC G6); in the transaction of the page that showed them. */
  readonly identityDeactivated: (tx: SiteTx, who: DeactivatedIdentity) => Promise<void>;
}
export const RECONCILIATION: AuditActor = { kind: 'system', name: 'reconciliation' };

/** One locked run inside one transaction: its working copy, its counts and the step that it hands out. */
export class RunCase {
  private readonly added = new Map<RunCount, number>();
  /** Set when the step just taken already decided what comes next, such as a pause. */
  step: ReconciliationStep | null = null;

  constructor(readonly deps: ReconciliationDeps, readonly tx: SiteTx, public run: RunRow, readonly connector: RunConnector) {}

  count(what: RunCount, by = 1): void { this.added.set(what, (this.added.get(what) ?? 0) + by); }

  /** Hands out a step: its number and what it asks for are committed with everything that was written before it. */
  private async hand(doing: Doing): Promise<{ readonly recordId: string; readonly step: number }> {
    const step = this.run.step + 1;
    await this.keep({ step, doing });
    return { recordId: this.run.id, step };
  }
  async keep(patch: Parameters<ReconciliationDeps['runs']['updateRun']>[2]): Promise<void> {
    const counts: RunCounts = Object.fromEntries(RUN_COUNTS.map((name) => [name, (this.run.counts[name] ?? 0) + (this.added.get(name) ?? 0)]));
    this.added.clear();
    await this.deps.runs.updateRun(this.tx, this.run.id, { ...patch, counts });
    this.run = { ...this.run, ...patch, counts };
  }

  async ask(doing: Doing, call: CoreCallArguments, summary: string): Promise<ReconciliationStep> {
    const { connector } = this;
    const order = { siteId: this.tx.siteId, connectorId: connector.id, provider: connector.provider, sealedConfig: connector.sealedConfig, ...call };
    return { kind: 'ask', ...(await this.hand(doing)), order, summary };
  }
  async pause(waitMs: number, doing: Doing = { kind: 'wait' }): Promise<void> { this.step = { kind: 'wait', ...(await this.hand(doing)), waitMs: Math.max(1, Math.ceil(waitMs)) }; }
  async handOut(doing: Doing): Promise<{ readonly recordId: string; readonly step: number }> { return this.hand(doing); }

  audit(action: AuditAction, subject: AuditSubject = {}, data: JsonObject = {}): Promise<string> {
    return this.tx.audit({ action, actor: RECONCILIATION, subject: { connectorId: this.connector.id, ...subject }, data: { recordId: this.run.id, ...data } });
  }
}
