import { Controller, Inject } from '@nestjs/common';
import type { MeQueries } from '../../application/ports/api-queries.port.js';
import { Call } from '../common/call.js';
import { Endpoint, type CallOf } from '../common/route.js';
import { TOKENS } from '../dependencies.js';
import * as routes from './me.routes.js';

@Controller()
export class MeController {
  constructor(@Inject(TOKENS.meQueries) private readonly queries: MeQueries) {}

  @Endpoint(routes.getMe)
  me(@Call() call: CallOf<typeof routes.getMe>) {
    return this.queries.me(call.principal);
  }

  @Endpoint(routes.myAccess)
  access(@Call() call: CallOf<typeof routes.myAccess>) {
    return this.queries.access(call.principal, call.query);
  }

  @Endpoint(routes.myRequests)
  requests(@Call() call: CallOf<typeof routes.myRequests>) {
    return this.queries.requests(call.principal, call.query);
  }

  @Endpoint(routes.myApprovals)
  approvals(@Call() call: CallOf<typeof routes.myApprovals>) {
    return this.queries.approvals(call.principal, call.query);
  }

  @Endpoint(routes.myManualActions)
  manualActions(@Call() call: CallOf<typeof routes.myManualActions>) {
    return this.queries.manualActions(call.principal, call.query);
  }
}
