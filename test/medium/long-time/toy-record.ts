import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { CoreActivities } from '../../../src/activities/core.port.js';
import type { RecordActivities } from '../../../src/activities/record.port.js';
import type { TicketActivities } from '../../../src/activities/ticket.port.js';
import type { AppliedStep, Stepped, StoredAnswer } from '../../../src/application/access/steps.js';
import { DAY_MS } from '../../../src/domain/grant/grant.js';
import { deadlines, phaseOf, type ConvergeOrder, type Due, type Plan } from '../../../src/domain/plan/plan.js';
import { retryDelayMs, type ConvergeResult } from '../../../src/domain/provisioning/provisioning.js';

interface Job { readonly kind: 'provision' | 'deprovision'; status: 'queued' | 'running' | 'retrying'; dueAt: Date; attempts: number; intentId: string }
export interface ToyRequest {
  rowVersion: number;
  decision: 'pending' | 'approved' | 'denied' | 'lapsed';
  remindedAt: Date | null;
  breachedAt: Date | null;
  grant: { status: 'pendingProvision' | 'active' | 'removing' | 'expired' | 'revoked'; expiresAt: Date } | null;
  job: Job | null;
  present: boolean;
  /** Ticket entries that wait to be written. */
  tickets: number;
}
export type ToyCommand = { readonly kind: 'approve'; readonly days: number } | { readonly kind: 'deny' } | { readonly kind: 'extend'; readonly days: number } | { readonly kind: 'revoke' } | { readonly kind: 'refused' };
export interface LogLine { readonly what: string; readonly atMs: number }

/**
 * A record in memory with the rules of time of the real one (application/access/advance.ts) and nothing else: enough to prove the workflow's own timers, wakes and
 * supersession without a database. Deadlines and phases are the domain's own.
 */
export class ToyRecord {
  readonly requests = new Map<string, ToyRequest>();
  readonly commands = new Map<string, ToyCommand>();
  readonly stored = new Map<string, StoredAnswer>();
  readonly log: LogLine[] = [];
  readonly applied: string[] = [];
  /** How the next attempts at the provider end; the default is success. */
  readonly provider: ('succeeds' | 'isAway' | 'hangsUntilCancelled')[] = [];
  /** How often in a row writing a ticket fails from now on. */
  ticketFailures = 0;
  /** A ticket step that the engine does not try again. */
  ticketRefused = false;
  loads = 0;
  private readonly createdAt = new Map<string, number>();

  /** @param now the engine's time, which a test lets run ahead */
  constructor(private readonly now: () => Promise<number>) {}

  async create(requestId: string): Promise<void> {
    this.createdAt.set(requestId, await this.now());
    this.requests.set(requestId, { rowVersion: 1, decision: 'pending', remindedAt: null, breachedAt: null, grant: null, job: null, present: false, tickets: 0 });
  }
  of(requestId: string): ToyRequest {
    const request = this.requests.get(requestId);
    if (request === undefined) throw new Error(`no request ${requestId}`);
    return request;
  }
  when(what: string): readonly number[] { return this.log.filter((line) => line.what === what).map(({ atMs }) => atMs); }

  readonly governance: RecordActivities & TicketActivities = {
    loadRequest: async (_siteId, requestId) => {
      this.loads += 1;
      return this.step(requestId, await this.now());
    },
    applyCommand: async (_siteId, commandId) => {
      const [requestId, command] = this.commandOf(commandId);
      const now = await this.now();
      this.settle(requestId, now);
      const answer = this.stored.get(commandId) ?? this.apply(requestId, command, now);
      if (!this.stored.has(commandId)) this.applied.push(commandId);
      this.stored.set(commandId, answer);
      return { ...this.step(requestId, now), outcome: { kind: 'answered', status: answer.ok ? 200 : 409, answer } } satisfies AppliedStep;
    },
    recordProviderResult: async (_siteId, requestId, intentId, result) => {
      const now = await this.now();
      this.recordResult(this.of(requestId), intentId, result, now);
      return this.step(requestId, now);
    },
    updateTicket: (_siteId, requestId) => {
      if (this.ticketRefused) return Promise.reject(ApplicationFailure.nonRetryable('Jira will never take this'));
      if (this.ticketFailures > 0) {
        this.ticketFailures -= 1;
        return Promise.reject(new Error('Jira is away'));
      }
      this.of(requestId).tickets = 0;
      return Promise.resolve();
    },
  };

  readonly core: CoreActivities = {
    convergeMembership: async (order) => {
      const how = this.provider.shift() ?? 'succeeds';
      await this.note(`converge ${order.desired}: ${how}`);
      if (how === 'isAway') return answerOf({ status: 'retryable', code: 'provider.unavailable' });
      if (how === 'hangsUntilCancelled') return hang();
      this.of(order.requestId).present = order.desired === 'present';
      return answerOf({ status: 'observed', observed: order.desired, write: 'changed', code: 'readBack', readAt: new Date(0).toISOString() });
    },
    readMembership: (order) => Promise.resolve(answerOf({ status: 'observed', observed: this.of(order.requestId).present ? 'present' : 'absent', code: 'read' })),
    performCoreCall: () => Promise.reject(ApplicationFailure.nonRetryable('not part of this test')),
  };

  private commandOf(commandId: string): readonly [string, ToyCommand] {
    const command = this.commands.get(commandId);
    const [requestId] = [...this.requests.keys()].filter((id) => commandId.startsWith(id.slice(0, 8)));
    if (command === undefined || requestId === undefined) throw ApplicationFailure.nonRetryable(`no command ${commandId}`);
    return [requestId, command];
  }

  private apply(requestId: string, command: ToyCommand, nowMs: number): StoredAnswer {
    const request = this.of(requestId);
    const open = request.grant?.status === 'active' || request.grant?.status === 'pendingProvision';
    const allowed = command.kind === 'approve' || command.kind === 'deny' ? request.decision === 'pending' : command.kind !== 'refused' && open;
    if (!allowed) return { ok: false, refusal: { code: 'request.already_decided', detail: 'refused' } };
    this.log.push({ what: command.kind, atMs: nowMs });
    this.change(request, command, nowMs);
    return { ok: true, answer: {} };
  }
  private change(request: ToyRequest, command: ToyCommand, nowMs: number): void {
    switch (command.kind) {
      case 'approve':
        Object.assign(request, { decision: 'approved', grant: { status: 'pendingProvision', expiresAt: new Date(nowMs + command.days * DAY_MS) }, job: this.job('provision', nowMs), tickets: 1 });
        return;
      case 'deny': request.decision = 'denied'; return;
      case 'extend': if (request.grant !== null) request.grant.expiresAt = new Date(request.grant.expiresAt.getTime() + command.days * DAY_MS); return;
      case 'revoke': this.remove(request, nowMs); return;
      case 'refused':
    }
  }

  private job(kind: Job['kind'], nowMs: number): Job {
    return { kind, status: 'queued', dueAt: new Date(nowMs), attempts: 0, intentId: '' };
  }
  private remove(request: ToyRequest, nowMs: number): void {
    if (request.grant !== null) request.grant.status = 'removing';
    request.job = this.job('deprovision', nowMs);
    request.tickets = 1;
  }
  private recordResult(request: ToyRequest, intentId: string, result: ConvergeResult, nowMs: number): void {
    const { job, grant } = request;
    if (job?.intentId !== intentId || job.status !== 'running' || grant === null) return;
    if (result.status === 'observed') {
      grant.status = job.kind === 'provision' ? 'active' : 'revoked';
      this.log.push({ what: grant.status, atMs: nowMs });
      request.job = null;
    } else Object.assign(job, { status: 'retrying', attempts: job.attempts + 1, dueAt: new Date(nowMs + retryDelayMs(job.attempts + 1, result.retryAfterMs)) });
  }

  private due(requestId: string, nowMs: number): readonly Due[] {
    const request = this.of(requestId);
    const created = this.createdAt.get(requestId) ?? 0;
    const at = (days: number): Date => new Date(created + days * DAY_MS);
    const now = new Date(nowMs);
    return deadlines({ ...request, remindAt: at(1), breachAt: at(2), lapseAt: at(30), actionAlarmAt: null, jobDueAt: request.job === null || request.job.status === 'running' ? null : request.job.dueAt }, now, now);
  }
  /** Takes what is due, in order, as the record does in one transaction. */
  private settle(requestId: string, nowMs: number): void {
    const request = this.of(requestId);
    for (let due = this.due(requestId, nowMs)[0]; due !== undefined && due.inMs <= 0; due = this.due(requestId, nowMs)[0]) {
      if (due.kind !== 'attempt') this.log.push({ what: due.kind, atMs: nowMs });
      switch (due.kind) {
        case 'remind': request.remindedAt = new Date(nowMs); break;
        case 'breach': request.breachedAt = new Date(nowMs); break;
        case 'lapse': request.decision = 'lapsed'; break;
        case 'expire': this.remove(request, nowMs); break;
        case 'manualOverdue': break; // it asks nothing of people
        case 'attempt': if (request.job !== null) Object.assign(request.job, { status: 'running', intentId: `int-${request.rowVersion}-${request.job.attempts}` });
      }
    }
  }
  private step(requestId: string, nowMs: number): Stepped {
    this.settle(requestId, nowMs);
    const request = this.of(requestId);
    request.rowVersion += 1;
    const [next] = this.due(requestId, nowMs);
    const act = this.orderOf(requestId, request, nowMs);
    const phase = phaseOf({ decision: request.decision, grantStatus: request.grant?.status ?? null, openManualAction: false });
    const alarm = act === null ? next : undefined;
    const plan: Plan = {
      rowVersion: request.rowVersion, phase, ended: phase === 'closed', act, waitMs: alarm === undefined ? null : Math.max(1, alarm.inMs),
      alarmKey: alarm === undefined ? 'none' : `${alarm.kind}@${alarm.at.toISOString()}`, alarmFor: alarm?.kind ?? '', tickets: request.tickets > 0 ? 'idle' : 'none',
      search: { expiresAt: request.grant?.expiresAt.toISOString() ?? null, approvalDueAt: null, pendingStage: null, needsManualAction: false }, details: phase,
    };
    return { plan, wake: [] };
  }
  private orderOf(requestId: string, { job }: ToyRequest, nowMs: number): ConvergeOrder | null {
    if (job?.status !== 'running') return null;
    return {
      siteId: 'toy', requestId, jobId: 'job', intentId: job.intentId, membershipId: 'mem', mode: 'converge', desired: job.kind === 'provision' ? 'present' : 'absent', generation: 1, mayAdd: true,
      deadlineAt: new Date(nowMs + 30_000).toISOString(), provider: 'okta', connectorId: 'con', sealedConfig: '', externalGroupId: 'grp', sealedIdentity: '',
    };
  }
  private async note(what: string): Promise<void> { this.log.push({ what, atMs: await this.now() }); }
}

const answerOf = (said: Partial<ConvergeResult> & Pick<ConvergeResult, 'status' | 'code'>): ConvergeResult =>
  ({ observed: 'unknown', readAt: null, write: 'none', detail: '', retryAfterMs: null, providerRequestId: null, ...said });

/** Beats and does nothing, until a newer decision cancels it: a provider that keeps a connection open. */
async function hang(): Promise<ConvergeResult> {
  const { cancellationSignal, heartbeat } = Context.current();
  const beat = setInterval(() => heartbeat(), 100);
  await new Promise((resolve) => cancellationSignal.addEventListener('abort', resolve, { once: true }));
  clearInterval(beat);
  return answerOf({ status: 'notAttempted', code: 'core.superseded' });
}
