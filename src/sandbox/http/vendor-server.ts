import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import type { ReadLag } from '../state/lagged-table.js';
import { CallLog } from './call-log.js';
import { ControlSurface } from './control-surface.js';
import { FaultPlan } from './faults.js';
import type { FaultEffect } from './faults.js';
import type { Vendor, VendorAnswer, VendorRequest } from './messages.js';

const bodyLimit = 4 * 1024 * 1024;

export interface ServerOptions {
  /** 0 or absent: any free port. */
  readonly port?: number;
  readonly tls?: { readonly port?: number; readonly key: string; readonly cert: string };
  /** Where the call log is kept; absent: memory only. */
  readonly callLogFile?: string;
  readonly lag: ReadLag;
  /** Prefixes below which `_control/` also answers, because a base URL carries them (`/v1.0`). */
  readonly controlPrefixes?: readonly string[];
}

export interface RunningServer {
  readonly port: number;
  readonly tlsPort: number | undefined;
  stop(): Promise<void>;
}

/** Serves a vendor on loopback: control surface, faults, call log around the vendor's own answers. */
export class VendorServer {
  private readonly faults = new FaultPlan();
  private readonly calls: CallLog;
  private readonly surface: ControlSurface;
  private readonly controlPath: RegExp;
  private readonly stopping = new AbortController();

  constructor(private readonly vendor: Vendor, private readonly options: ServerOptions) {
    this.calls = new CallLog(options.callLogFile);
    this.surface = new ControlSurface({ faults: this.faults, lag: options.lag, calls: this.calls, extra: vendor.control });
    const prefixes = (options.controlPrefixes ?? []).map((prefix) => prefix.replaceAll('.', '\\.'));
    this.controlPath = new RegExp(`^(?:${prefixes.join('|')})?(/_control/.*)$`);
  }

  async start(): Promise<RunningServer> {
    const listener: RequestListener = (request, response) => {
      this.serve(request, response).catch((error: unknown) => this.crash(request, response, error));
    };
    const plain = createServer({ keepAliveTimeout: 65_000 }, listener);
    const port = await listen(plain, this.options.port ?? 0);
    const { tls } = this.options;
    const secure = tls === undefined ? undefined : createTlsServer({ keepAliveTimeout: 65_000, key: tls.key, cert: tls.cert }, listener);
    const tlsPort = secure === undefined ? undefined : await listen(secure, tls?.port ?? 0);
    return {
      port,
      tlsPort,
      stop: async () => {
        this.stopping.abort();
        await Promise.all([plain, secure].flatMap((server) => (server === undefined ? [] : [shut(server)])));
        await this.vendor.close();
        this.calls.close();
      },
    };
  }

  private async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = new Date().toISOString();
    const body = await readBody(incoming);
    if (body === undefined) {
      write(response, this.vendor.errorFor(413));
      return;
    }
    const request = toRequest(incoming, body);
    const controlled = this.controlPath.exec(request.path);
    if (controlled !== null) {
      write(response, await this.surface.answer({ ...request, path: controlled[1] ?? '' }));
      return;
    }
    const query = request.query.toString();
    const effect = this.faults.take(request.method, request.path, query);
    const { answer, sent } = await this.answer(request, effect);
    this.calls.record({
      at,
      method: request.method,
      path: request.path,
      query,
      status: sent ? answer.status : 0,
      changed: answer.changed ?? false,
    });
    if (!sent) {
      incoming.socket.destroy();
      return;
    }
    if (effect !== undefined && 'delayMs' in effect && effect.holds === 'answer') await this.pause(effect.delayMs);
    write(response, answer);
  }

  private async answer(request: VendorRequest, effect: FaultEffect | undefined): Promise<{ answer: VendorAnswer; sent: boolean }> {
    if (effect === undefined) return { answer: await this.vendor.handle(request), sent: true };
    if ('status' in effect) {
      const usual = this.vendor.errorFor(effect.status);
      const body = 'body' in effect ? effect.body : usual.body;
      return { answer: { status: effect.status, headers: { ...usual.headers, ...effect.headers }, body }, sent: true };
    }
    if ('hangUp' in effect) {
      const unheard = effect.hangUp === 'before' ? { status: 0 } : await this.vendor.handle(request);
      return { answer: unheard, sent: false };
    }
    if ('delivered' in effect) {
      const first = await this.vendor.handle(request);
      const second = await this.vendor.handle(request);
      return { answer: { ...second, changed: first.changed === true || second.changed === true }, sent: true };
    }
    if (effect.holds === 'request') await this.pause(effect.delayMs);
    return { answer: await this.vendor.handle(request), sent: true };
  }

  /** @throws AbortError when the server stops meanwhile: what had not happened by then never happens. */
  private pause(ms: number): Promise<void> {
    return wait(ms, undefined, { signal: this.stopping.signal });
  }

  private crash(incoming: IncomingMessage, response: ServerResponse, error: unknown): void {
    // A caller that hangs up in the middle of its request is no failure of ours.
    if (this.stopping.signal.aborted || !incoming.complete) return;
    process.emitWarning(error instanceof Error ? error : new Error(String(error)), 'SandboxWarning');
    if (!response.headersSent && !response.destroyed) write(response, this.vendor.errorFor(500));
  }
}

function toRequest(incoming: IncomingMessage, body: string): VendorRequest {
  const url = incoming.url ?? '/';
  const mark = url.indexOf('?');
  const scheme = 'encrypted' in incoming.socket ? 'https' : 'http';
  return {
    method: incoming.method ?? 'GET',
    path: mark === -1 ? url : url.slice(0, mark),
    query: new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1)),
    headers: incoming.headers,
    body,
    params: {},
    origin: `${scheme}://${incoming.headers.host ?? '127.0.0.1'}`,
  };
}

async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size > bodyLimit) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function write(response: ServerResponse, answer: VendorAnswer): void {
  const text = answer.body === undefined ? undefined : typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  const length = text === undefined ? 0 : Buffer.byteLength(text);
  const type = text === undefined ? {} : { 'Content-Type': 'application/json' };
  // A 204 must not carry a length.
  const size = answer.status === 204 ? {} : { 'Content-Length': length };
  response.writeHead(answer.status, { ...type, ...size, ...answer.headers });
  response.end(text);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : port);
    });
  });
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
