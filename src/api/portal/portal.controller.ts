import { Controller, Inject } from '@nestjs/common';
import type { PortalQueries } from '../../application/ports/api-queries.port.js';
import { Call } from '../common/call.js';
import { Endpoint, type CallOf } from '../common/route.js';
import { TOKENS } from '../dependencies.js';
import { getPortalContext } from './portal.routes.js';

@Controller()
export class PortalController {
  constructor(@Inject(TOKENS.portalQueries) private readonly queries: PortalQueries) {}

  @Endpoint(getPortalContext)
  context(@Call() call: CallOf<typeof getPortalContext>) {
    return this.queries.context(call.principal, call.query);
  }
}
