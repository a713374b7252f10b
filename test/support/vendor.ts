import { z } from 'zod';

const callShape = z.object({ at: z.string(), method: z.string(), path: z.string(), status: z.number(), changed: z.boolean() });
export type VendorCall = z.infer<typeof callShape>;

/** A fault as the sandbox takes it (API.md); each is used up by the calls that it meets. */
export interface FaultOrder {
  readonly method?: string;
  readonly path: string;
  readonly times?: number;
  readonly effect:
    | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
    | { readonly delayMs: number; readonly holds?: 'request' | 'answer' }
    | { readonly hangUp: 'before' | 'after' }
    | { readonly delivered: 'twice' };
}

/** What a test steers a server that plays a vendor with, and what it asks it afterwards (API.md, sandbox). */
export interface VendorControl {
  readonly baseUrl: string;
  /** Below `_control/`. @throws Error with the vendor's words for a refused order */
  send(method: string, path: string, body?: unknown): Promise<unknown>;
  fault(order: FaultOrder | readonly FaultOrder[]): Promise<void>;
  clearFaults(): Promise<void>;
  /** Reads show writes only so much later. Milliseconds. */
  readLag(ms: number): Promise<void>;
  /** Of the calls received so far those whose path matches, in the order of their answers. */
  calls(path?: RegExp): Promise<readonly VendorCall[]>;
}

export function vendorControl(baseUrl: string): VendorControl {
  const send = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${baseUrl}/_control/${path}`, { method, headers: { 'content-type': 'application/json' }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`the sandbox refused ${method} ${path}: ${answer.status} ${text}`);
    const value: unknown = text === '' ? undefined : JSON.parse(text);
    return value;
  };
  return {
    baseUrl,
    send,
    fault: async (order) => { await send('POST', 'faults', order); },
    readLag: async (ms) => { await send('PUT', 'read-lag', { ms }); },
    clearFaults: async () => { await send('DELETE', 'faults'); },
    calls: async (path = /.*/) => z.array(callShape).parse(await send('GET', 'calls')).filter((call) => path.test(call.path)),
  };
}
