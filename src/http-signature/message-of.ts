import type { SignatureFields } from './verify-request.js';
import type { SignedMessage } from './profile.js';

/** What a server sees of a request; Fastify's has this shape. */
export interface ArrivedRequest {
  readonly method: string;
  /** As in the request line. */
  readonly originalUrl: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly bodyBytes?: Buffer;
}

/**
 * The message as its signer must have addressed it. `publicUrl` is where clients reach this process; without it the Host header stands for it, over plain http:
 * good enough on loopback, while behind a proxy no signature fits until the URL is set.
 */
export function messageOf(request: ArrivedRequest, publicUrl: string | null): { readonly message: SignedMessage; readonly fields: SignatureFields } {
  const { headers } = request;
  const base = publicUrl === null ? `http://${single(headers['host']) ?? ''}` : publicUrl.replace(/\/+$/, '');
  return {
    message: { method: request.method, targetUri: `${base}${request.originalUrl}`, body: request.bodyBytes ?? new Uint8Array() },
    fields: { contentDigest: single(headers['content-digest']), signatureInput: single(headers['signature-input']), signature: single(headers['signature']) },
  };
}
const single = (value: string | readonly string[] | undefined): string | undefined => (typeof value === 'string' ? value : value?.join(', '));
