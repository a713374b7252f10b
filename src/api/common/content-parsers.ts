import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { fieldProblem, problemOf } from './problem.js';
import { parseJsonBody } from './json-body.js';

/** Largest body in bytes, unless a route says otherwise (SPEC §13: 1 MB texts are refused). */
export const BODY_LIMIT_BYTES = 256 * 1024;

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it arrived, for signatures over its digest; undefined when there was none. */
    bodyBytes?: Buffer;
  }
}

/** A body that comes as `text/csv`; only a route that asks for one may read it, while it arrives: it may be large, and who sends it is looked at first. */
export class CsvBody {
  constructor(readonly bytes: AsyncIterable<Uint8Array>) {}
}

/** Replaces Fastify's parsers: JSON read strictly, CSV as it arrives, nothing else (415). */
export function registerContentParsers(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser<Buffer>(/^application\/json(?:;|$)/i, { parseAs: 'buffer' }, (request: FastifyRequest, body: Buffer) => settle(() => readJson(request.headers['content-type'], keep(request, body))));
  server.addContentTypeParser(/^text\/csv(?:;|$)/i, (request: FastifyRequest, payload: IncomingMessage) => settle(() => takeCsv(request.headers['content-type'], payload)));
}

const keep = (request: FastifyRequest, body: Buffer): Buffer => (request.bodyBytes = body);

/** Fastify takes a promise or a callback, and would let a synchronous throw escape. */
const settle = <T>(read: () => T): Promise<T> => new Promise((resolve) => resolve(read()));

/** Undefined for an empty body: a command without fields needs none. @throws ApiProblem */
function readJson(contentType: string | undefined, body: Buffer): unknown {
  if (!saysUtf8(contentType)) throw problemOf('content_type.unsupported', 'Send application/json in UTF-8');
  if (body.length === 0) return undefined;
  const parsed = parseJsonBody(body);
  if (parsed.ok) return parsed.value;
  const { code, path, message } = parsed.error;
  throw fieldProblem(code, message, [{ path, code: code.replace('body.', ''), message }]);
}
function takeCsv(contentType: string | undefined, payload: IncomingMessage): CsvBody {
  if (!saysUtf8(contentType)) throw problemOf('content_type.unsupported', 'Send text/csv in UTF-8');
  return new CsvBody(piecesOf(payload));
}

/** What is read and thrown away of a body that was refused half-way; who sends more than that is cut off. */
const DRAINED_BYTES = 64 * 1024 * 1024;

/** A refusal that is sent while the caller still sends is lost to them with the connection (RFC 9112 §9.6): when the reader stops, the rest is taken in before the answer. */
async function* piecesOf(payload: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of { [Symbol.asyncIterator]: () => payload.iterator({ destroyOnReturn: false }) }) yield bytes(piece);
  } finally {
    if (!payload.readableEnded && !payload.destroyed) await drain(payload);
  }
}
async function drain(payload: IncomingMessage): Promise<void> {
  let left = DRAINED_BYTES;
  try {
    for await (const piece of payload) {
      left -= bytes(piece).length;
      if (left < 0) return;
    }
  } catch (error) {
    // They hung up: nobody waits for the answer.
    if (!payload.destroyed) throw error;
  }
}
function bytes(piece: unknown): Uint8Array {
  if (piece instanceof Uint8Array) return piece;
  throw new TypeError('a request body comes in bytes');
}

/** No charset means UTF-8 for JSON (RFC 8259) and, here, for CSV. */
function saysUtf8(contentType: string | undefined): boolean {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)"?/i.exec(contentType ?? '')?.[1];
  return charset === undefined || /^utf-?8$/i.test(charset);
}
