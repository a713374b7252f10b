import { randomUUID } from 'node:crypto';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Registry } from 'prom-client';
import { registerContentParsers } from '../api/common/content-parsers.js';
import { httpHistogram } from '../api/common/http-metrics.js';
import type { EdgeLogger } from '../api/common/log.js';
import { answerBrokenRequest, ProblemFilter, refusalOf, sendProblem } from '../api/common/problem.filter.js';
import { addServerHooks } from '../api/common/server-hooks.js';
import type { CoreService } from '../application/core/core-service.js';
import { CORE_PROBE, CORE_SERVICE, CoreController } from './core.controller.js';
import { SignatureGuard, type SignatureGuardDeps } from './signature.guard.js';

/** Time to receive a whole request, in milliseconds; its answer may take longer. */
const RECEIVE_MS = 10_000;
/** Sealed configuration and identities; a sealed page of a group's members is the largest. Bytes. */
const BODY_LIMIT = 4 * 1024 * 1024;

@Module({})
class CoreModule {}

export interface CoreApiDeps extends SignatureGuardDeps {
  readonly service: CoreService;
  /** Rejects while the database is away. */
  readonly probe: () => Promise<void>;
  readonly log: EdgeLogger;
  /** Takes the durations of requests. */
  readonly registry: Registry;
}

/** Core as an application of its own: signed membership requests over HTTP (SPEC F9). Initialised; does not listen yet. */
export async function createCoreApi(deps: CoreApiDeps): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT, requestTimeout: RECEIVE_MS, genReqId: () => randomUUID(), skipMiddie: true, trustProxy: false,
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket),
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => sendProblem(reply, refusalOf(error), request.id),
  });
  const server: FastifyInstance = adapter.getInstance();
  registerContentParsers(server);
  addServerHooks(server, { log: deps.log, durations: httpHistogram(deps.registry), https: deps.publicUrl?.startsWith('https:') ?? false, codecOrigin: null });
  const module = { module: CoreModule, controllers: [CoreController], providers: [{ provide: CORE_SERVICE, useValue: deps.service }, { provide: CORE_PROBE, useValue: deps.probe }] };
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class and documents a literal
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, { bodyParser: false, logger: ['error', 'fatal'], abortOnError: false });
  app.useGlobalGuards(new SignatureGuard(deps));
  app.useGlobalFilters(new ProblemFilter(deps.log));
  await app.init();
  await server.ready();
  return app;
}
