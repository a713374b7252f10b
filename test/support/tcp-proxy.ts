import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';

/** What happens to traffic from now on, on connections that exist and on new ones. */
export type TcpFault =
  | { readonly kind: 'none' }
  /** Both directions arrive that much later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Connections are reset, new ones too. */
  | { readonly kind: 'reset' }
  /** Nothing moves, nothing fails: a black hole. What was sent meanwhile arrives when it ends, as TCP sends again what was lost. */
  | { readonly kind: 'hang' }
  /** What the client sends still gets there and takes effect; at the first byte of the answer the connection is reset. `times` answers are lost (default 1). */
  | { readonly kind: 'dropResponse'; readonly times?: number; readonly whenRequestIncludes?: string };

export interface TcpProxy {
  readonly port: number;
  readonly address: string;
  setFault(fault: TcpFault): void;
  /** How many answers `dropResponse` has lost so far. */
  droppedResponses(): number;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
  /** Set once this connection has sent what `dropResponse` waits for. */
  armed: boolean;
}

/** A TCP proxy on a free loopback port in front of `target`, for putting faults between a client and a real server. */
export async function startTcpProxy(target: { readonly host?: string; readonly port: number }): Promise<TcpProxy> {
  let fault: TcpFault = { kind: 'none' };
  let dropped = 0;
  const pairs = new Set<Pair>();
  const cut = (pair: Pair): void => {
    pairs.delete(pair);
    pair.client.resetAndDestroy();
    pair.upstream.resetAndDestroy();
  };
  const pass = (chunk: Buffer, to: Socket): void => {
    if (fault.kind === 'delay') setTimeout(() => to.writable && to.write(chunk), fault.ms);
    else if (to.writable) to.write(chunk);
  };
  const onRequest = (pair: Pair, chunk: Buffer): void => {
    if (fault.kind === 'dropResponse') pair.armed ||= fault.whenRequestIncludes === undefined || chunk.includes(fault.whenRequestIncludes);
    pass(chunk, pair.upstream);
  };
  const onResponse = (pair: Pair, chunk: Buffer): void => {
    if (fault.kind === 'dropResponse' && pair.armed && dropped < (fault.times ?? 1)) {
      dropped += 1;
      cut(pair);
    } else pass(chunk, pair.client);
  };
  const hold = (pair: Pair): void => {
    for (const side of [pair.client, pair.upstream]) {
      if (fault.kind === 'hang') side.pause();
      else side.resume();
    }
  };
  const server = createServer((client) => {
    if (fault.kind === 'reset') {
      client.resetAndDestroy();
      return;
    }
    const pair: Pair = { client, upstream: connect({ host: target.host ?? '127.0.0.1', port: target.port }), armed: false };
    pairs.add(pair);
    client.on('data', (chunk) => onRequest(pair, Buffer.from(chunk)));
    pair.upstream.on('data', (chunk) => onResponse(pair, Buffer.from(chunk)));
    for (const [side, other] of [[client, pair.upstream], [pair.upstream, client]] as const) {
      side.on('end', () => other.end());
      side.on('error', () => cut(pair));
      side.on('close', () => pairs.delete(pair));
    }
    hold(pair);
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('a TCP server has no port'));
      else resolve(address.port);
    });
  });
  return {
    port,
    address: `127.0.0.1:${port}`,
    setFault: (next) => {
      fault = next;
      dropped = 0;
      for (const pair of pairs) {
        pair.armed = false;
        hold(pair);
      }
      if (next.kind === 'reset') for (const pair of pairs) cut(pair);
    },
    droppedResponses: () => dropped,
    close: () => new Promise((resolve) => {
      for (const pair of pairs) cut(pair);
      server.close(() => resolve());
    }),
  };
}
