import { Controller, Inject } from '@nestjs/common';
import type { GrantCommands } from '../../application/ports/api-commands.port.js';
import type { GrantQueries } from '../../application/ports/api-queries.port.js';
import { Call } from '../common/call.js';
import { Endpoint, type CallOf } from '../common/route.js';
import { TOKENS } from '../dependencies.js';
import * as routes from './grants.routes.js';

@Controller()
export class GrantsController {
  constructor(@Inject(TOKENS.grantCommands) private readonly commands: GrantCommands, @Inject(TOKENS.grantQueries) private readonly queries: GrantQueries) {}

  @Endpoint(routes.listGrants)
  list(@Call() call: CallOf<typeof routes.listGrants>) {
    return this.queries.list(call.principal, call.query);
  }

  @Endpoint(routes.getGrant)
  find(@Call() call: CallOf<typeof routes.getGrant>) {
    return this.queries.find(call.principal, call.params.id);
  }

  @Endpoint(routes.revokeGrant)
  revoke(@Call() call: CallOf<typeof routes.revokeGrant>) {
    return this.commands.revoke(call.context, { ...call.body, grantId: call.params.id });
  }

  @Endpoint(routes.returnGrant)
  return(@Call() call: CallOf<typeof routes.returnGrant>) {
    return this.commands.return(call.context, { ...call.body, grantId: call.params.id });
  }

  @Endpoint(routes.extendGrant)
  extend(@Call() call: CallOf<typeof routes.extendGrant>) {
    return this.commands.extend(call.context, { ...call.body, grantId: call.params.id });
  }
}
