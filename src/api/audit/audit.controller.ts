import { Controller, Inject } from '@nestjs/common';
import type { AuditCommands, RateLimiter } from '../../application/ports/api-commands.port.js';
import type { AuditQueries } from '../../application/ports/api-queries.port.js';
import { Call } from '../common/call.js';
import { charge } from '../common/rate-limit.js';
import { Endpoint, type CallOf } from '../common/route.js';
import { TOKENS } from '../dependencies.js';
import * as routes from './audit.routes.js';

@Controller()
export class AuditController {
  constructor(
    @Inject(TOKENS.auditCommands) private readonly commands: AuditCommands,
    @Inject(TOKENS.auditQueries) private readonly queries: AuditQueries,
    @Inject(TOKENS.rateLimiter) private readonly limiter: RateLimiter,
  ) {}

  @Endpoint(routes.listAuditEvents)
  list(@Call() call: CallOf<typeof routes.listAuditEvents>) {
    return this.queries.listEvents(call.principal, call.query);
  }

  @Endpoint(routes.getAuditEvent)
  find(@Call() call: CallOf<typeof routes.getAuditEvent>) {
    return this.queries.findEvent(call.principal, call.params.seq);
  }

  @Endpoint(routes.startVerification)
  async verify(@Call() call: CallOf<typeof routes.startVerification>) {
    await charge(this.limiter, call.context, 'auditVerification');
    return this.commands.verify(call.context);
  }

  @Endpoint(routes.latestVerification)
  latest(@Call() call: CallOf<typeof routes.latestVerification>) {
    return this.queries.latestVerification(call.principal);
  }
}
