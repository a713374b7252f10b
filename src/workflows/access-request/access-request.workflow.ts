import {
  ActivityFailure, allHandlersFinished, ApplicationFailure, condition, continueAsNew, proxyActivities, setCurrentDetails, setHandler, workflowInfo,
} from '@temporalio/workflow';
import type { TicketActivities } from '../../activities/ticket.port.js';
import type { Plan } from '../../domain/plan/plan.js';
import { showSearchAttributes } from './search-attributes.js';
import { Alarm } from './alarm.js';
import { stateQuery, UPDATES, wakeSignal, type AccessRequestInput, type CommandResult, type StateView } from './messages.js';
import { ProviderStep, readForPerson } from './provider-step.js';
import { RecordSteps } from './steps.js';
import { wakeOthers } from './wake-others.js';

/** Ticket steps are patient and never awaited by the loop: a Jira that is away for a day changes no access (SPEC A5). */
const tickets = proxyActivities<TicketActivities>({ startToCloseTimeout: '60s', summary: 'Comment on the ticket, move it on', retry: { initialInterval: '2s', maximumInterval: '10m' } });

/**
 * One access request from intake to the end of access. It holds no state that matters: it waits for the next message or deadline and takes one step, which the
 * record decides (docs/adr/0001). Single writer: every change of the request goes through here.
 */
export async function accessRequest(input: AccessRequestInput): Promise<void> {
  await new AccessRequestRun(input).live();
}

class AccessRequestRun {
  private wake = false;
  private plan: Plan | undefined;
  private step: ProviderStep | undefined;
  private writingTicket = false;
  private readonly record = new RecordSteps();
  private readonly alarm = new Alarm();
  private readonly coreQueue = workflowInfo().taskQueue.replace(/governance$/, 'core');

  constructor(private readonly input: AccessRequestInput) {
    setHandler(wakeSignal, () => { this.wake = true; }, { description: 'Look at the record again; harmless at any time' });
    setHandler(stateQuery, () => this.view(), { description: 'What this request waits for' });
    for (const [name, update] of Object.entries(UPDATES)) {
      setHandler(update, (commandId: string) => this.apply(commandId), { validator: refuseShape, description: `${name}: takes the id of a committed command, so it can't be sent by hand` });
    }
  }

  async live(): Promise<void> {
    for (;;) {
      // Cleared before the load, never after: what arrives while loading causes another load.
      this.wake = false;
      this.take(await this.record.take((via) => via.loadRequest(this.input.siteId, this.input.requestId)));
      if (await this.settle()) return;
    }
  }

  /** Follows plans until something needs a fresh load; true when the run is over. */
  private async settle(): Promise<boolean> {
    for (let plan = this.plan; plan !== undefined && !this.wake; plan = this.plan) {
      this.follow(plan);
      if (plan.ended && this.isIdle()) {
        this.alarm.clear();
        await condition(allHandlersFinished);
        if (this.plan === plan && !this.isWoken()) return true; // a handler that ran meanwhile left another plan
        continue;
      }
      await this.somethingHappens(plan);
      if (this.step?.done === true) await this.finishStep(this.step);
      if (this.alarm.rang) return false;
      if (this.mayRenew()) {
        await condition(allHandlersFinished);
        await continueAsNew<typeof accessRequest>(this.input);
      }
    }
    return false;
  }
  private isIdle(): boolean { return this.step === undefined && !this.writingTicket; }
  private isWoken(): boolean { return this.wake; }

  /** A long history, and nothing under way that a new run would not know of. Asked while waiting, too: the bare suggestion stays true, and the loop would spin. */
  private mayRenew(): boolean { return workflowInfo().continueAsNewSuggested && this.isIdle(); }

  /** Starts what the plan asks for. A step that is under way for an older decision is superseded: its end is recorded before another begins. */
  private follow(plan: Plan): void {
    if (this.step !== undefined && this.step.order.intentId !== plan.act?.intentId) this.step.supersede();
    else if (this.step === undefined && plan.act !== null) this.step = new ProviderStep(this.coreQueue, plan.act);
    if (!this.writingTicket && (plan.tickets === 'overdue' || (plan.tickets === 'idle' && this.step === undefined))) void this.writeTicket();
    this.alarm.set(plan.alarmKey, plan.waitMs, plan.alarmFor);
  }

  private async somethingHappens(plan: Plan): Promise<void> {
    const writing = this.writingTicket;
    await condition(() => this.wake || this.plan !== plan || this.step?.done === true || this.alarm.rang || this.writingTicket !== writing || this.mayRenew());
  }

  private async finishStep(step: ProviderStep): Promise<void> {
    this.step = undefined;
    const { result, order } = step;
    if (result !== undefined) this.take(await this.record.take((via) => via.recordProviderResult(order.siteId, order.requestId, order.intentId, result)));
  }

  /** One command: applied, or applied after the read that it asks for. Its result is stored by the step; this only reports it. */
  private async apply(commandId: string): Promise<CommandResult> {
    let applied = await this.record.take((via) => via.applyCommand(this.input.siteId, commandId, null));
    if (applied.outcome.kind === 'needsRead') {
      const read = await readForPerson(this.coreQueue, applied.outcome.order);
      applied = await this.record.take((via) => via.applyCommand(this.input.siteId, commandId, read));
    }
    this.take(applied);
    if (applied.outcome.kind !== 'answered') throw ApplicationFailure.nonRetryable('the command asked for a second read', 'command.unsettled');
    return { status: applied.outcome.status, stored: JSON.stringify(applied.outcome.answer) };
  }

  /** Handlers and the loop load side by side; the row version says whose plan is the newer one. */
  private take(stepped: { readonly plan: Plan; readonly wake: readonly string[] }): void {
    wakeOthers(this.input.siteId, stepped.wake);
    if (this.plan !== undefined && stepped.plan.rowVersion < this.plan.rowVersion) return;
    this.plan = stepped.plan;
    setCurrentDetails(stepped.plan.details);
    showSearchAttributes(stepped.plan);
  }

  private async writeTicket(): Promise<void> {
    this.writingTicket = true;
    const version = this.plan?.rowVersion;
    try {
      await tickets.updateTicket(this.input.siteId, this.input.requestId);
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      // The engine gave it up: what is queued stays queued and is taken up when the poller looks again. Nothing about a ticket may end or stop a run.
    } finally {
      if (this.plan?.rowVersion === version && this.plan !== undefined) this.plan = { ...this.plan, tickets: 'none' };
      this.writingTicket = false;
    }
  }

  private view(): StateView | null {
    if (this.plan === undefined) return null;
    return { phase: this.plan.phase, nextInMs: this.plan.waitMs, nextFor: this.plan.alarmFor, providerStep: this.step?.order.desired ?? null, writingTicket: this.writingTicket };
  }
}

/** Synchronous, shape only: the record refuses, never a cached state (DESIGN, updates). */
function refuseShape(commandId: string): void {
  if (typeof commandId !== 'string' || !/^[0-9a-f-]{36}$/.test(commandId)) throw ApplicationFailure.nonRetryable('the id of a committed command is expected', 'command.shape');
}
