import { Controller, Inject } from '@nestjs/common';
import type { RateLimiter, RequestCommands } from '../../application/ports/api-commands.port.js';
import type { RequestQueries } from '../../application/ports/api-queries.port.js';
import { Call } from '../common/call.js';
import { charge } from '../common/rate-limit.js';
import { Endpoint, type CallOf } from '../common/route.js';
import { TOKENS } from '../dependencies.js';
import * as routes from './requests.routes.js';

@Controller()
export class RequestsController {
  constructor(
    @Inject(TOKENS.requestCommands) private readonly commands: RequestCommands,
    @Inject(TOKENS.requestQueries) private readonly queries: RequestQueries,
    @Inject(TOKENS.rateLimiter) private readonly limiter: RateLimiter,
  ) {}

  @Endpoint(routes.submitRequest)
  submit(@Call() call: CallOf<typeof routes.submitRequest>) {
    return this.commands.submit(call.context, call.body);
  }

  @Endpoint(routes.listRequests)
  list(@Call() call: CallOf<typeof routes.listRequests>) {
    return this.queries.list(call.principal, call.query);
  }

  @Endpoint(routes.bulkDecide)
  async bulkDecide(@Call() call: CallOf<typeof routes.bulkDecide>) {
    await charge(this.limiter, call.context, 'bulkDecision');
    return this.commands.bulkDecide(call.context, call.body);
  }

  @Endpoint(routes.getRequest)
  find(@Call() call: CallOf<typeof routes.getRequest>) {
    return this.queries.find(call.principal, call.params.id);
  }

  @Endpoint(routes.getTimeline)
  async timeline(@Call() call: CallOf<typeof routes.getTimeline>) {
    const items = await this.queries.timeline(call.principal, call.params.id);
    return items === null ? null : { items, nextCursor: null };
  }

  @Endpoint(routes.decideRequest)
  decide(@Call() call: CallOf<typeof routes.decideRequest>) {
    return this.commands.decide(call.context, { ...call.body, requestId: call.params.id });
  }

  @Endpoint(routes.withdrawRequest)
  withdraw(@Call() call: CallOf<typeof routes.withdrawRequest>) {
    return this.commands.withdraw(call.context, { ...call.body, requestId: call.params.id });
  }
}
