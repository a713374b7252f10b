import { Context } from '@temporalio/activity';
import type { CoreActivities } from '../../../src/activities/core.port.js';
import type { ImportReport, ImportStep, MappingImportActivities } from '../../../src/activities/mapping-import.port.js';

type Due = Exclude<ImportStep['kind'], 'ended'>;

/** An import whose provider asks for so many pauses before each lookup, as its record would hand the steps out: a wait once, rows until their answer is in. */
export class ToyImport {
  private readonly due: Due[];
  private step = 0;
  private last: { readonly kind: Due; readonly runId: string } | null = null;
  /** Runs of the workflow that took a step. */
  readonly runIds = new Set<string>();
  /** Waits after which another run went on: the one that was to wait ended instead. */
  cutShort = 0;
  lookedUp = 0;

  constructor(round: readonly Due[], rounds: number) {
    this.due = Array.from({ length: rounds }, () => round).flat();
  }

  readonly governance: MappingImportActivities = { advanceMappingImport: (_siteId, _importId, report) => Promise.resolve(this.advance(report)) };
  readonly core: Pick<CoreActivities, 'performCoreCall'> = {
    performCoreCall: () => {
      this.lookedUp += 1;
      return Promise.resolve({ kind: 'identities', identities: [], retryAfterMs: null });
    },
  };

  private advance(report: ImportReport | null): ImportStep {
    const runId = Context.current().info.workflowExecution?.runId ?? 'none';
    this.runIds.add(runId);
    if (this.last?.kind === 'wait' && this.last.runId !== runId) this.cutShort += 1;
    if (this.last?.kind === 'wait' || (report !== null && report.step === this.step)) this.due.shift();
    const [kind] = this.due;
    if (kind === undefined) return { kind: 'ended', status: 'done' };
    this.last = { kind, runId };
    if (kind === 'wait') return { kind, waitMs: 1 };
    this.step += 1;
    return { kind, step: this.step, summary: 'Look up a login', order: { kind: 'resolveIdentities', siteId: 'toy', connectorId: 'con', provider: 'okta', sealedConfig: '', sealedLogins: '', places: [0] } };
  }
}
