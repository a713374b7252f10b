import { randomUUID } from 'node:crypto';
import type { CommandPayload } from '../../src/application/access/commands/command-types.js';
import { applyStep, loadStep, recordStep, type AppliedStep, type Stepped } from '../../src/application/access/steps.js';
import { createRequest } from '../../src/application/access/submit/create-request.js';
import type { ConvergeOrder } from '../../src/domain/plan/plan.js';
import { PROVIDER_LAG_MS, type ConvergeResult } from '../../src/domain/provisioning/provisioning.js';
import { autoPolicy, defaults, guardrails, NOW, tool } from './facts.js';
import { MemoryRecord, type MemoryTool } from './memory-record.js';

/** How one attempt at the provider goes. */
export type Attempt = 'works' | 'isAway' | 'isRefused' | 'losesTheAnswer' | 'losesTheAnswerAndLandsLate' | 'isCalledOff';

const connected = (key: string): MemoryTool => ({
  policy: tool({ key }),
  fulfilment: { name: key, provider: 'okta', risk: 'medium', fulfilment: 'automatic', fulfilmentOwner: null, fulfilmentHours: null, group: { connectorId: 'con', externalGroupId: 'group', confirmed: true }, connector: { id: 'con', name: 'Okta', enabled: true } },
});
const byPeople: MemoryTool = { policy: tool({ key: 'manual' }), fulfilment: { ...connected('manual').fulfilment, fulfilment: 'manual', fulfilmentOwner: 'owner', fulfilmentHours: 8, group: null, connector: null } };
const inside: MemoryTool = { policy: tool({ key: 'inside' }), fulfilment: { ...connected('inside').fulfilment, provider: 'none', group: null, connector: null } };
/** Two tools that share one group, one that people fulfil, one without a provider. */
export const TOOLS = ['chatgpt', 'codex', 'manual', 'inside'] as const;

const UNSEEN = { observed: 'unknown', readAt: null, write: 'none', detail: '', retryAfterMs: null, providerRequestId: null } as const;

/**
 * Requests on the real steps over the record in memory, with what stands around them: the workflow's loop (one provider step each, superseded by a newer plan), the
 * core worker with its fence, and a provider whose writes may be lost or land late.
 */
export class AccessModel {
  readonly record = new MemoryRecord({
    policy: { blocks: [], version: 1, guardrails: guardrails(), defaults: defaults('review'), policies: [autoPolicy({ toolKeys: ['inside'] })], dataClasses: ['internal'] },
    tools: { chatgpt: connected('chatgpt'), codex: connected('codex'), manual: byPeople, inside },
    routing: { approvers: ['bob'], securityReviewers: [], adminFallback: 'never' }, identities: { ann: 'ext-ann', eve: 'ext-eve' }, settings: { 'self-service': { extendEnabled: true, expiringSoonDays: 14 } },
  }, NOW);
  readonly requests: string[] = [];
  /** The provider's own list of members, by sealed identity. */
  readonly members = new Set<string>();
  /** The step that each run has under way. */
  readonly underWay = new Map<string, ConvergeOrder>();
  /** Whom somebody put in or took out behind our back: what the provider says of them is no longer ours alone. */
  readonly touchedOutside = new Set<string>();
  private readonly late: { readonly at: number; readonly identity: string; readonly present: boolean }[] = [];
  private readonly fence = new Map<string, number>();
  /** Somebody was mapped to another identity at some time. */
  wasRemapped = false;
  /** What Jira says about everybody's groups; null: it does not answer. */
  jiraGroups: readonly string[] | null = ['engineers'];
  /** How often it was asked. */
  groupReads = 0;
  protected readonly deps = { uow: this.record, store: this.record, readGroups: () => { this.groupReads += 1; return Promise.resolve(this.jiraGroups); } };

  get nowMs(): number { return this.record.now.getTime(); }

  async ask(accountId: string, toolKey: string, durationDays: number, groups: readonly string[] | null): Promise<void> {
    const { id } = await this.record.run('acme', (tx) => createRequest(this.record, tx, { issueId: null, issueKey: 'AI-1', projectKey: 'AI', toolKey, roleKey: null, requester: accountId, submittedBy: accountId, businessUse: 'notes', dataClasses: ['internal'], durationDays, jiraGroups: groups }));
    this.requests.push(id);
    await this.load(id);
  }
  /** @returns the refusal's code, or null */
  async send(requestId: string, payload: CommandPayload): Promise<string | null> {
    const id = randomUUID();
    this.record.command(id, requestId, payload);
    let applied = await this.follow(requestId, () => applyStep(this.deps, 'acme', id, null));
    if (applied.outcome.kind === 'needsRead') {
      const { order } = applied.outcome;
      applied = await this.follow(requestId, () => applyStep(this.deps, 'acme', id, this.seen(order, 'read', 'none')));
    }
    return applied.outcome.kind === 'answered' && !applied.outcome.answer.ok ? applied.outcome.answer.refusal.code : null;
  }
  async load(requestId: string): Promise<void> { await this.follow(requestId, () => loadStep(this.deps, 'acme', requestId)); }

  /** Time passes, late writes land at their moment, and every alarm that is due rings. */
  async pass(ms: number): Promise<void> {
    const until = this.nowMs + ms;
    for (const { at, identity, present } of [...this.late].sort((a, b) => a.at - b.at)) if (at <= until) this.write(identity, present);
    this.late.splice(0, this.late.length, ...this.late.filter(({ at }) => at > until));
    this.record.now = new Date(until);
    for (const requestId of this.requests) await this.load(requestId);
  }

  /** The step under way of this request ends like this, and is told twice, as an engine may. */
  async attempt(requestId: string, how: Attempt): Promise<void> {
    const order = this.underWay.get(requestId);
    if (order === undefined) return;
    this.underWay.delete(requestId);
    const result = this.converge(order, how);
    await this.follow(requestId, () => recordStep(this.deps, 'acme', requestId, order.intentId, result));
    const said = this.record.tables.audits.length;
    await this.follow(requestId, () => recordStep(this.deps, 'acme', requestId, order.intentId, result));
    if (this.record.tables.audits.length !== said) throw new Error(`telling how an attempt ended twice said ${this.record.tables.audits.slice(said).map(({ action }) => action).join(', ')}`);
  }

  /** An admin of the provider changes the group by hand. */
  outside(identity: string, present: boolean): void {
    this.touchedOutside.add(identity);
    this.write(identity, present);
  }
  /** Whether a write of ours is still on its way to the provider. */
  get isAnyLate(): boolean { return this.late.length > 0; }

  /** Workers die and come back: what they had under way may have reached the provider, nobody recorded it, and each run starts from the record. */
  async restart(wasSent: boolean): Promise<void> {
    const orders = [...this.underWay.values()];
    this.underWay.clear();
    if (wasSent) for (const order of orders) this.converge(order, 'losesTheAnswer');
    for (const requestId of this.requests) await this.load(requestId);
  }

  /** What the workflow does with a plan: supersede the older step first, start the one that is asked for, wake others. */
  protected async follow<T extends Stepped | AppliedStep>(requestId: string, take: () => Promise<T>): Promise<T> {
    const stepped = await take();
    const older = this.underWay.get(requestId);
    if (older !== undefined && older.intentId !== stepped.plan.act?.intentId) await this.attempt(requestId, 'isCalledOff');
    else if (older === undefined && stepped.plan.act !== null) this.underWay.set(requestId, stepped.plan.act);
    for (const other of stepped.wake) await this.load(other);
    return stepped;
  }

  private converge(order: ConvergeOrder, how: Attempt): ConvergeResult {
    const refused = this.refusedBeforeReading(order, how);
    if (refused !== null) return refused;
    const present = this.members.has(order.sealedIdentity);
    if (present === (order.desired === 'present')) return this.seen(order, 'already', 'none');
    if (order.desired === 'present' && !order.mayAdd) return this.seen(order, 'add.not_repeated', 'none');
    if (order.desired === 'present' && this.nowMs >= Date.parse(order.deadlineAt)) return { ...UNSEEN, status: 'notAttempted', code: 'intent.expired' };
    if (how === 'works') {
      this.write(order.sealedIdentity, order.desired === 'present');
      return this.seen(order, 'readBack', 'changed');
    }
    // Lost: done unseen, or on its way until the last moment at which a write of this intent may land.
    if (how === 'losesTheAnswer') this.write(order.sealedIdentity, order.desired === 'present');
    else this.late.push({ at: Math.min(this.nowMs + 20_000, Date.parse(order.deadlineAt) + PROVIDER_LAG_MS - 1), identity: order.sealedIdentity, present: order.desired === 'present' });
    return { ...UNSEEN, status: 'retryable', write: 'unknown', code: 'write.outcome_unknown' };
  }
  private refusedBeforeReading(order: ConvergeOrder, how: Attempt): ConvergeResult | null {
    const seen = this.fence.get(order.membershipId) ?? 0;
    this.fence.set(order.membershipId, Math.max(seen, order.generation));
    if (how === 'isCalledOff') return { ...UNSEEN, status: 'notAttempted', code: 'core.superseded' };
    if (seen > order.generation) return { ...UNSEEN, status: 'notAttempted', code: 'fence.stale_generation' };
    if (how === 'isAway') return { ...UNSEEN, status: 'retryable', code: 'provider.unavailable' };
    return how === 'isRefused' ? { ...UNSEEN, status: 'manual', code: 'provider.forbidden' } : null;
  }
  private seen(order: ConvergeOrder, code: string, write: ConvergeResult['write']): ConvergeResult {
    return { status: 'observed', observed: this.members.has(order.sealedIdentity) ? 'present' : 'absent', readAt: this.record.now.toISOString(), write, code, detail: '', retryAfterMs: null, providerRequestId: null };
  }
  private write(identity: string, present: boolean): void {
    if (present) this.members.add(identity);
    else this.members.delete(identity);
  }
}
