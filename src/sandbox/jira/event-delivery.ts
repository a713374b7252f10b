import { randomUUID } from 'node:crypto';
import type { JiraDelivery } from './jira-state.js';

/** Forge's product event for an issue (Forge docs: Jira events). Issue properties are not part of it. */
export interface ForgeIssueEvent {
  readonly eventType: string;
  readonly selfGenerated: boolean;
  /** Milliseconds since the epoch, as text. */
  readonly timestamp: string;
  readonly issue: { readonly id: string; readonly key: string; readonly fields: Readonly<Record<string, unknown>> };
  readonly atlassianId: string;
  readonly associatedUsers: readonly { readonly accountId: string }[];
}

/** Hands an event to the product and says what it answered; throws when nobody answered. */
export type DeliverEvent = (event: ForgeIssueEvent) => Promise<{ readonly status: number }>;

export interface DeliveryOptions {
  /** Absent: events wait until a target is set. */
  readonly deliver?: DeliverEvent;
  /** Pause between attempts; Forge waits 60 s. */
  readonly retryIntervalMs?: number;
  /** Attempts after the first; Forge makes four. */
  readonly retries?: number;
}

interface DeliveryBook {
  readonly open: () => Iterable<JiraDelivery>;
  readonly record: (delivery: JiraDelivery) => void;
  readonly end: (id: string) => void;
  /** Undefined when the issue is gone meanwhile. */
  readonly eventFor: (delivery: JiraDelivery) => ForgeIssueEvent | undefined;
}

/**
 * Delivers issue events as Forge does: once, then up to four more times while the answer is not 2xx. What is not yet
 * delivered is kept with the state, so a restart goes on with it.
 */
export class EventDelivery {
  private readonly timers = new Set<NodeJS.Timeout>();
  private deliver: DeliverEvent | undefined;
  private book: DeliveryBook | undefined;
  private stopped = false;
  private readonly running = new Set<Promise<void>>();

  constructor(private readonly options: DeliveryOptions) {
    this.deliver = options.deliver;
  }

  /** Binds the place where open deliveries are kept, and goes on with those that are still open. */
  open(book: DeliveryBook): void {
    this.book = book;
    this.resume();
  }

  /** Names the target from now on; what waited for one is sent. */
  setTarget(deliver: DeliverEvent): void {
    const waited = this.deliver === undefined;
    this.deliver = deliver;
    if (waited) this.resume();
  }

  announce(issueId: string, eventType: string, actorId: string): void {
    const delivery = { id: randomUUID(), issueId, eventType, actorId, attempts: 0 };
    this.book?.record(delivery);
    this.start(delivery);
  }

  /** One attempt without retries: what a repeated delivery looks like to the product. Status 0: nobody answered. */
  async once(event: ForgeIssueEvent): Promise<number> {
    if (this.deliver === undefined) return 0;
    try {
      return (await this.deliver(event)).status;
    } catch (error) {
      if (error instanceof Error) return 0;
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers) clearTimeout(timer);
    await Promise.all(this.running);
  }

  private resume(): void {
    for (const delivery of [...(this.book?.open() ?? [])]) this.start(delivery);
  }

  private start(delivery: JiraDelivery): void {
    if (this.stopped || this.deliver === undefined) return;
    const run = this.attempt(delivery).finally(() => this.running.delete(run));
    this.running.add(run);
  }

  private async attempt(delivery: JiraDelivery): Promise<void> {
    const event = this.book?.eventFor(delivery);
    const status = event === undefined ? 204 : await this.once(event);
    if (this.stopped) return;
    const attempts = delivery.attempts + 1;
    const delivered = status >= 200 && status < 300;
    if (delivered || attempts > (this.options.retries ?? 4)) {
      this.book?.end(delivery.id);
      return;
    }
    const next = { ...delivery, attempts };
    this.book?.record(next);
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.start(next);
    }, this.options.retryIntervalMs ?? 60_000);
    this.timers.add(timer);
  }
}

/** Forge gives an event handler five seconds to answer. */
const answerWithinMs = 5000;

/** Delivers by POST with a Bearer token that the provider makes anew for each event. */
export function httpDelivery(url: string, tokenProvider: (event: ForgeIssueEvent) => string | Promise<string>): DeliverEvent {
  return async (event) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${await tokenProvider(event)}`, 'content-type': 'application/json' },
      body: JSON.stringify(event),
      signal: AbortSignal.timeout(answerWithinMs),
    });
    await response.arrayBuffer();
    return { status: response.status };
  };
}
