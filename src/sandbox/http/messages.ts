import type { IncomingHttpHeaders } from 'node:http';

export interface VendorRequest {
  readonly method: string;
  /** Path without the query, percent-encoded as received. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Named pieces of the matched pattern, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Scheme, host and port the caller used: vendors build paging links from it. */
  readonly origin: string;
}

export interface VendorAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** Sent as JSON; nothing is sent when absent. */
  readonly body?: unknown;
  /** Whether the call altered a group's membership. */
  readonly changed?: boolean;
}

export type Handler = (request: VendorRequest) => VendorAnswer | Promise<VendorAnswer>;

export interface Route {
  readonly method: string;
  /** `/groups/{groupId}/users`; `{name}` matches one piece. */
  readonly pattern: string;
  readonly handle: Handler;
}

/** What the server needs from a vendor: answers, an error in the vendor's own form, extra control routes. */
export interface Vendor {
  handle(request: VendorRequest): VendorAnswer | Promise<VendorAnswer>;
  /** The vendor's usual answer for this status, used by faults that name no body. */
  errorFor(status: number): VendorAnswer;
  readonly control: readonly Route[];
  close(): void | Promise<void>;
}

export function param(request: VendorRequest, name: string): string {
  return request.params[name] ?? '';
}

/** Result of `JSON.parse` without its `any`; undefined when the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
