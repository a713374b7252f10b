import { Controller, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Registry } from 'prom-client';
import type { HealthProbe } from '../../application/ports/api-queries.port.js';
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
    const [database, engine] = await Promise.all([isUp(() => this.probe.database()), isUp(() => this.probe.engine())]);
    const ready = database && engine;
    void reply.status(ready ? 200 : 503);
    return { status: ready ? 'ready' : 'notReady', parts: { database: database ? 'up' : 'down', engine: engine ? 'up' : 'down' } };
  }

  @Endpoint(routes.metrics)
  async metrics(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.header('content-type', this.registry.contentType);
    return this.registry.metrics();
  }
}

/** Any failure means away: a health check has no other answer to give. */
async function isUp(probe: () => Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), PROBE_TIMEOUT_MS);
  });
  try {
    return await Promise.race([probe().then(() => true, () => false), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
