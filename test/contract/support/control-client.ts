import { z } from 'zod';

/** A fault as the vendors' control surface takes it. */
export interface Fault {
  readonly method?: string;
  /** Regular expression over the path, and over the path with its query. */
  readonly path: string;
  readonly times?: number;
  readonly effect:
    | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
    | { readonly delayMs: number }
    | { readonly hangUp: 'before' | 'after' };
}

const calls = z.array(z.object({ at: z.string(), method: z.string(), path: z.string(), status: z.number(), changed: z.boolean() }));
export type SeenCall = z.infer<typeof calls>[number];

/** `<vendor base URL>/_control`: faults, read lag and the call log of a server that plays a vendor. */
export class ControlClient {
  constructor(private readonly baseUrl: string) {}

  async fault(fault: Fault): Promise<void> {
    await this.send('POST', 'faults', { times: 1, ...fault });
  }

  async clearFaults(): Promise<void> {
    await this.send('DELETE', 'faults');
  }

  async readLag(ms: number): Promise<void> {
    await this.send('PUT', 'read-lag', { ms });
  }

  /** Calls received so far, all of them: a test compares their number before and after. */
  async calls(): Promise<readonly SeenCall[]> {
    return calls.parse(await this.send('GET', 'calls'));
  }

  async send(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${this.baseUrl}/_control/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} _control/${path} answered ${answer.status}: ${text}`);
    const parsed: unknown = text === '' ? undefined : JSON.parse(text);
    return parsed;
  }
}
