import { Controller, Inject, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { OktaHooks } from '../../application/ports/okta-hooks.port.js';
import { Call } from '../common/call.js';
import { problemOf } from '../common/problem.js';
import { Endpoint, type CallOf } from '../common/route.js';
import { TOKENS } from '../dependencies.js';
import * as routes from './hooks.routes.js';

const CHALLENGE = /^[\x21-\x7e]{1,256}$/;

@Controller()
export class HooksController {
  constructor(@Inject(TOKENS.oktaHooks) private readonly hooks: OktaHooks) {}

  @Endpoint(routes.verifyOktaHook)
  verify(@Req() request: FastifyRequest): { verification: string } {
    const challenge = request.headers['x-okta-verification-challenge'];
    if (typeof challenge !== 'string' || !CHALLENGE.test(challenge)) throw problemOf('auth.missing', 'The header x-okta-verification-challenge is missing');
    return { verification: challenge };
  }

  @Endpoint(routes.receiveOktaEvents)
  async receive(@Call() call: CallOf<typeof routes.receiveOktaEvents>, @Req() request: FastifyRequest): Promise<{ accepted: boolean }> {
    const accepted = await this.hooks.receive(call.params.connectorId, request.headers.authorization ?? '', call.body);
    if (!accepted) throw problemOf('auth.invalid', 'The secret is not this connector\'s');
    return { accepted };
  }

  @Endpoint(routes.putEventHook)
  setSecret(@Call() call: CallOf<typeof routes.putEventHook>) {
    return this.hooks.setSecret(call.context, { ...call.body, connectorId: call.params.id });
  }
}
