import { Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { bodyHashOf } from '../api/common/canonical-json.js';
import { CsvBody } from '../api/common/content-parsers.js';
import { fieldProblem, problemOf } from '../api/common/problem.js';
import { fieldErrors } from '../api/common/validate.js';
import { CoreService, type CoreReply, type CoreServiceDeps } from '../application/core/core-service.js';
import { cancelOrder, checkOrder, coreCallBody, deprovisionOrder, provisionOrder } from '../contracts/core-api.contract.js';

export const CORE_SERVICE = Symbol('coreService');
export const CORE_PROBE = Symbol('coreProbe');
/** Orders that are worked on at once by one process; more are told to come back. */
const MOST_AT_ONCE = 200;
const BUSY_SECONDS = 2;

export const createCoreService = (deps: Omit<CoreServiceDeps, 'hashOf'>): CoreService => new CoreService({ ...deps, hashOf: bodyHashOf });

/** Core's own HTTP surface (docs/core-http.md). Each handler: shape, site of the signer, one call. */
@Controller()
export class CoreController {
  constructor(@Inject(CORE_SERVICE) private readonly core: CoreService, @Inject(CORE_PROBE) private readonly probe: () => Promise<void>) {}

  @Post('membership/provision') @HttpCode(200)
  async provision(@Req() request: FastifyRequest) {
    return reply(await this.core.converge(this.admit(request, provisionOrder)));
  }

  @Post('membership/deprovision') @HttpCode(200)
  async deprovision(@Req() request: FastifyRequest) {
    return reply(await this.core.converge(this.admit(request, deprovisionOrder)));
  }

  @Post('membership/check') @HttpCode(200)
  async check(@Req() request: FastifyRequest) {
    return reply(await this.core.check(this.admit(request, checkOrder)));
  }

  @Post('membership/cancel') @HttpCode(202)
  cancel(@Req() request: FastifyRequest) {
    const { siteId, intentId } = read(request, cancelOrder);
    refuseOtherSite(request, siteId);
    this.core.cancel(siteId, intentId);
    return {};
  }

  @Post('calls') @HttpCode(200)
  async call(@Req() request: FastifyRequest) {
    const { key, order } = read(request, coreCallBody);
    refuseOtherSite(request, order.siteId);
    this.refuseTooMany();
    return reply(await this.core.call(key, order));
  }

  /** For whoever wants to know that address, key and clock are right, before anything depends on it. */
  @Get('whoami')
  whoami(@Req() request: FastifyRequest) {
    return request.coreCaller;
  }

  @Get('health/live')
  live() {
    return { status: 'live' };
  }

  @Get('health/ready')
  async ready(@Res({ passthrough: true }) answer: FastifyReply) {
    const isUp = await this.probe().then(() => true, () => false); // any failure means away
    void answer.status(isUp ? 200 : 503);
    return { status: isUp ? 'ready' : 'notReady', parts: { database: isUp ? 'up' : 'down' } };
  }

  private admit<T extends { readonly siteId: string }>(request: FastifyRequest, schema: z.ZodType<T>): T {
    const order = read(request, schema);
    refuseOtherSite(request, order.siteId);
    this.refuseTooMany();
    return order;
  }
  private refuseTooMany(): void {
    if (this.core.load >= MOST_AT_ONCE) throw problemOf('core.busy', 'Too many orders are being worked on; nothing was done', { retryAfterSeconds: BUSY_SECONDS });
  }
}

function read<T>(request: FastifyRequest, schema: z.ZodType<T>): T {
  if (request.body instanceof CsvBody) throw problemOf('content_type.unsupported', 'Send application/json');
  const parsed = schema.safeParse(request.body ?? {});
  if (parsed.success) return parsed.data;
  throw fieldProblem('body.invalid', 'The body is not accepted', fieldErrors(schema, request.body, parsed.error.issues));
}

/** A signer that is bound to a site acts there only (N10). */
function refuseOtherSite({ coreCaller }: FastifyRequest, siteId: string): void {
  if (coreCaller === undefined) throw problemOf('signature.missing', 'Sign the request');
  if (coreCaller.siteId !== null && coreCaller.siteId !== siteId) throw problemOf('order.other_site', 'This client is bound to another site');
}

function reply<T>(outcome: CoreReply<T>): T {
  if (outcome.ok) return outcome.answer;
  if (outcome.refusal === 'unknownSite') throw problemOf('site.not_found', 'There is no such site');
  throw problemOf('order.key_reused', 'This key was used for another order');
}
