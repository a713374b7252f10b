import { Controller, Inject } from '@nestjs/common';
import type { JobCommands } from '../../application/ports/api-commands.port.js';
import type { JobQueries } from '../../application/ports/api-queries.port.js';
import { Call } from '../common/call.js';
import { Endpoint, type CallOf } from '../common/route.js';
import { TOKENS } from '../dependencies.js';
import * as routes from './jobs.routes.js';

/** Jobs and the manual actions that they turn into. */
@Controller()
export class JobsController {
  constructor(@Inject(TOKENS.jobCommands) private readonly commands: JobCommands, @Inject(TOKENS.jobQueries) private readonly queries: JobQueries) {}

  @Endpoint(routes.listJobs)
  list(@Call() call: CallOf<typeof routes.listJobs>) {
    return this.queries.listJobs(call.principal, call.query);
  }

  @Endpoint(routes.retryJob)
  retry(@Call() call: CallOf<typeof routes.retryJob>) {
    return this.commands.retry(call.context, { jobId: call.params.id });
  }

  @Endpoint(routes.listManualActions)
  manualActions(@Call() call: CallOf<typeof routes.listManualActions>) {
    return this.queries.listManualActions(call.principal, call.query);
  }

  @Endpoint(routes.completeManualAction)
  complete(@Call() call: CallOf<typeof routes.completeManualAction>) {
    return this.commands.completeManualAction(call.context, { ...call.body, manualActionId: call.params.id });
  }
}
