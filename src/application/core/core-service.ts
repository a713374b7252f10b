import { convergeResult, coreCallResult, type MembershipAnswer } from '../../contracts/core-api.contract.js';
import type { ConvergeOrder } from '../../domain/plan/plan.js';
import type { ConvergeResult } from '../../domain/provisioning/provisioning.js';
import type { Reader } from '../commands/outcome.js';
import type { CoreAnswers } from '../ports/core-answers.port.js';
import type { CoreWork } from '../ports/core-work.port.js';
import { DatabaseUnavailable } from '../ports/unit-of-work.port.js';
import { result } from './converge-result.js';
import { isPaged, type CoreCallOrder, type CoreCallResult } from './core-call.js';
import { membershipAnswer, underWay } from './membership-answer.js';

/** No order is worked on for longer: below the time-out of those who ask. Milliseconds. */
export const LONGEST_MS = 45_000;
/** A page of a group's members waits for the provider's budget, and nobody waits for it. Milliseconds. */
const LONGEST_PAGE_MS = 90_000;
/** After it an execution without an answer is taken for lost. Milliseconds. */
const CLAIM_MS = LONGEST_MS + 10_000;
const ASK_AGAIN_MS = 500;

export interface CoreServiceDeps {
  readonly work: CoreWork;
  readonly answers: CoreAnswers;
  /** One hash for one order, however its JSON was written. */
  readonly hashOf: (order: unknown) => string;
}
/** `otherOrder`: the key was used for another order. `unknownSite`: no such site. */
export type CoreRefusal = 'otherOrder' | 'unknownSite';
export type CoreReply<T> = { readonly ok: true; readonly answer: T } | { readonly ok: false; readonly refusal: CoreRefusal };

interface CallAnswer { readonly result: CoreCallResult | null; readonly retryAfterMs: number | null }
interface Work<T> { readonly reader: Reader<T>; readonly lost: T; readonly perform: (signal: AbortSignal) => Promise<T> }
interface Running { readonly hash: string; readonly done: Promise<string>; readonly stop: AbortController }

/**
 * Orders that came over HTTP. What changes something is carried out once per key: a repeat is answered with the same result, joins what is under way here, or is
 * told that it is under way elsewhere. Reads are simply made.
 */
export class CoreService {
  private readonly running: Map<string, Running> = new Map();
  private underWay = 0;
  constructor(private readonly deps: CoreServiceDeps) {}

  /** How many orders are being worked on, those included that only read. */
  get load(): number { return this.underWay; }

  converge(order: ConvergeOrder): Promise<CoreReply<MembershipAnswer>> {
    return this.counted(() => this.convergeOnce(order));
  }
  private async convergeOnce(order: ConvergeOrder): Promise<CoreReply<MembershipAnswer>> {
    const reply = await this.once<ConvergeResult>(order.siteId, order.intentId, order, { reader: convergeResult, lost: LOST, perform: (signal) => this.deps.work.convergeMembership(order, signal) });
    if (!reply.ok) return reply;
    return { ok: true, answer: reply.answer === null ? underWay(ASK_AGAIN_MS) : membershipAnswer(order, reply.answer) };
  }

  check(order: ConvergeOrder): Promise<CoreReply<MembershipAnswer>> {
    return this.counted(async () => ({ ok: true, answer: membershipAnswer(order, await this.deps.work.readMembership(order, AbortSignal.timeout(LONGEST_MS))) }));
  }

  /** Stops an order that has written nothing yet; the one who asked for it learns so as its result. What another process carries out is stopped by a newer generation alone. */
  cancel(siteId: string, intentId: string): void {
    this.running.get(keyOf(siteId, intentId))?.stop.abort();
  }

  /** What only reads may be asked again and again, and what is said about people is stored nowhere. */
  call(key: string, order: CoreCallOrder): Promise<CoreReply<CallAnswer>> {
    return this.counted(() => this.callOnce(key, order));
  }
  private async callOnce(key: string, order: CoreCallOrder): Promise<CoreReply<CallAnswer>> {
    const perform = (signal: AbortSignal): Promise<CoreCallResult> => this.deps.work.performCoreCall(order, signal, key);
    if (!changesSomething(order)) return { ok: true, answer: { result: await perform(AbortSignal.timeout(isPaged(order) ? LONGEST_PAGE_MS : LONGEST_MS)), retryAfterMs: null } };
    const reply = await this.once<CoreCallResult>(order.siteId, key, order, { reader: coreCallResult, lost: LOST_CALL, perform });
    return reply.ok ? { ok: true, answer: { result: reply.answer, retryAfterMs: reply.answer === null ? ASK_AGAIN_MS : null } } : reply;
  }

  private async counted<T>(work: () => Promise<T>): Promise<T> {
    this.underWay += 1;
    try {
      return await work();
    } finally {
      this.underWay -= 1;
    }
  }

  /** Null: under way in another process. */
  private async once<T>(siteId: string, key: string, order: unknown, { reader, lost, perform }: Work<T>): Promise<CoreReply<T | null>> {
    const hash = this.deps.hashOf(order);
    const read = (text: string): CoreReply<T> => ({ ok: true, answer: reader.parse(JSON.parse(text)) });
    const joined = this.running.get(keyOf(siteId, key));
    if (joined !== undefined) return joined.hash === hash ? read(await joined.done) : { ok: false, refusal: 'otherOrder' };
    const claim = await this.deps.answers.claim(siteId, key, hash, CLAIM_MS);
    switch (claim.kind) {
      case 'otherOrder':
      case 'unknownSite': return { ok: false, refusal: claim.kind };
      case 'underWay': return { ok: true, answer: null };
      case 'lost': return { ok: true, answer: lost };
      case 'answered': return read(claim.answer);
      case 'claimed': return read(await this.carryOut(siteId, key, hash, perform));
    }
  }

  private async carryOut<T>(siteId: string, key: string, hash: string, perform: Work<T>['perform']): Promise<string> {
    const stop = new AbortController();
    const done = perform(AbortSignal.any([stop.signal, AbortSignal.timeout(LONGEST_MS)])).then((answer) => JSON.stringify(answer));
    this.running.set(keyOf(siteId, key), { hash, done, stop });
    try {
      const answer = await done;
      // Told even when it can't be kept: who asks again then is told that it was lost, and the record reads the provider anew.
      await this.deps.answers.keep(siteId, key, answer).catch(withoutDatabase);
      return answer;
    } finally {
      this.running.delete(keyOf(siteId, key));
    }
  }
}

const changesSomething = ({ kind }: CoreCallOrder): boolean => kind === 'createGroup' || kind === 'runConformance';
const keyOf = (siteId: string, key: string): string => `${siteId}\0${key}`;
function withoutDatabase(error: unknown): void {
  if (!(error instanceof DatabaseUnavailable)) throw error;
}
/** As with a worker that died: whether something was written is unknown until the next read. */
const LOST = result('retryable', { code: 'core.lost', detail: 'Core gave no answer to this order and does not carry it out again', write: 'unknown' });
const LOST_CALL: CoreCallResult = { kind: 'failed', failure: 'unknownOutcome', detail: 'Core gave no answer to this call and does not carry it out again' };
