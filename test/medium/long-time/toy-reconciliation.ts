import { Context } from '@temporalio/activity';
import type { CoreActivities } from '../../../src/activities/core.port.js';
import type { ReconciliationActivities, ReconciliationStep, StepReport } from '../../../src/activities/reconciliation.port.js';

type Phase = Exclude<ReconciliationStep['kind'], 'ended'>;
const RECORD_ID = 'rec_toy';

/** A run with so many steps of each kind, as its record would hand them out: the one that is due, again and again, until its answer is in. */
export class ToyReconciliation {
  private readonly due: Phase[];
  private out = 0;
  /** Which phases each run of the workflow was at work in, by the runs' ids. */
  readonly runsOf = new Map<Phase, Set<string>>();
  /** What was carried out, and removals that were handed out again although their answer should have come. */
  readonly carriedOut = new Map<Phase, number>();
  lost = 0;

  constructor(phases: Readonly<Record<Phase, number>>) {
    this.due = (['ask', 'deliver', 'converge', 'wait'] as const).flatMap((phase) => Array.from({ length: phases[phase] }, () => phase));
  }

  readonly governance: ReconciliationActivities = {
    advanceReconciliation: (_siteId, _connectorId, report) => Promise.resolve(this.advance(report)),
    deliverFindings: () => {
      this.did('deliver');
      return Promise.resolve(1);
    },
    startScheduledReconciliation: () => Promise.resolve({ recordId: null }),
  };
  readonly core: Pick<CoreActivities, 'performCoreCall' | 'convergeMembership'> = {
    performCoreCall: () => {
      this.did('ask');
      return Promise.resolve({ kind: 'members', hashes: [], deactivated: [], others: [], sealedPage: '', next: null });
    },
    convergeMembership: () => {
      this.did('converge');
      return Promise.resolve({ status: 'observed', observed: 'absent', readAt: null, write: 'changed', code: 'readBack', detail: '', retryAfterMs: null, providerRequestId: null });
    },
  };

  private did(phase: Phase): void { this.carriedOut.set(phase, (this.carriedOut.get(phase) ?? 0) + 1); }

  private advance(report: StepReport | null): ReconciliationStep {
    const [last] = this.due;
    if (this.out > 0 && report?.step === this.out) this.due.shift();
    else if (this.out > 0 && last === 'converge') this.lost += 1;
    const [phase] = this.due;
    if (phase === undefined) return { kind: 'ended', recordId: RECORD_ID, status: 'done' };
    const runId = Context.current().info.workflowExecution?.runId ?? 'none';
    this.runsOf.set(phase, (this.runsOf.get(phase) ?? new Set()).add(runId));
    this.out += 1;
    return stepOf(phase, this.out);
  }
}

function stepOf(kind: Phase, step: number): ReconciliationStep {
  const handed = { recordId: RECORD_ID, step };
  switch (kind) {
    case 'ask': return { kind, ...handed, summary: 'A page', order: { kind: 'listMembers', siteId: 'toy', connectorId: 'con', provider: 'okta', sealedConfig: '', externalGroupId: 'g', cursor: null } };
    case 'converge': return {
      kind, ...handed, order: {
        siteId: 'toy', requestId: 'fnd', jobId: 'fnd', intentId: `int_${step}`, membershipId: 'mem', mode: 'converge', desired: 'absent', generation: step, mayAdd: false, deadlineAt: new Date(0).toISOString(),
        connectorId: 'con', provider: 'okta', sealedConfig: '', externalGroupId: 'g', sealedIdentity: '', identityConnectorId: 'con',
      },
    };
    case 'deliver': return { kind, ...handed };
    case 'wait': return { kind, ...handed, waitMs: 1 };
  }
}
