import { Controller, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Registry } from 'prom-client';
import type { HealthProbe, WorkersSeen } from '../../application/ports/api-queries.port.js';
import type { ReadyAnswer } from '../../contracts/health.contract.js';
import { Endpoint } from '../common/route.js';
import { TOKENS } from '../dependencies.js';
import * as routes from './health.routes.js';

/** A part that has not answered by then is away, in milliseconds. */
const PROBE_TIMEOUT_MS = 1_500;

@Controller()
export class HealthController {
  constructor(@Inject(TOKENS.health) private readonly probe: HealthProbe, @Inject(TOKENS.registry) private readonly registry: Registry) {}

  @Endpoint(routes.live)
  live() {
    return { status: 'live' } as const;
  }

  @Endpoint(routes.ready)
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadyAnswer> {
    const [database, engine, seen] = await Promise.all([isUp(() => this.probe.database()), isUp(() => this.probe.engine()), inTime(() => this.probe.workers(), null)]);
    const works = (kind: keyof WorkersSeen): boolean => seen !== null && (engine ? seen[kind].polling : seen[kind].alive) > 0;
    const parts = { database: word(database), engine: word(engine), governanceWorker: word(works('governance')), coreWorker: word(works('core')) };
    const canServe = database && engine;
    void reply.status(canServe ? 200 : 503);
    return { status: !canServe ? 'notReady' : Object.values(parts).includes('down') ? 'degraded' : 'ready', parts };
  }

  @Endpoint(routes.metrics)
  async metrics(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.header('content-type', this.registry.contentType);
    return this.registry.metrics();
  }
}

const word = (up: boolean): 'up' | 'down' => (up ? 'up' : 'down');
const isUp = (probe: () => Promise<void>): Promise<boolean> => inTime(() => probe().then(() => true), false);

/** Any failure means away: a health check has no other answer to give. */
async function inTime<T, U>(probe: () => Promise<T>, away: U): Promise<T | U> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<U>((resolve) => {
    timer = setTimeout(() => resolve(away), PROBE_TIMEOUT_MS);
  });
  try {
    return await Promise.race([probe().catch(() => away), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
