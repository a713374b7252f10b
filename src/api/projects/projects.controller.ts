import { Controller, Inject } from '@nestjs/common';
import type { GovernanceCommands } from '../../application/ports/api-commands.port.js';
import type { GovernanceQueries } from '../../application/ports/api-queries.port.js';
import { Call } from '../common/call.js';
import { Endpoint, type CallOf } from '../common/route.js';
import { TOKENS } from '../dependencies.js';
import * as routes from './projects.routes.js';

@Controller()
export class ProjectsController {
  constructor(@Inject(TOKENS.governanceCommands) private readonly commands: GovernanceCommands, @Inject(TOKENS.governanceQueries) private readonly queries: GovernanceQueries) {}

  @Endpoint(routes.listProjects)
  list(@Call() call: CallOf<typeof routes.listProjects>) {
    return this.queries.listProjects(call.principal, call.query);
  }

  @Endpoint(routes.createProject)
  create(@Call() call: CallOf<typeof routes.createProject>) {
    return this.commands.createProject(call.context, call.body);
  }

  @Endpoint(routes.getProject)
  find(@Call() call: CallOf<typeof routes.getProject>) {
    return this.queries.findProject(call.principal, call.params.key);
  }

  @Endpoint(routes.updateProject)
  update(@Call() call: CallOf<typeof routes.updateProject>) {
    return this.commands.updateProject(call.context, { key: call.params.key, patch: call.body, expectedVersion: call.expectedVersion });
  }

  @Endpoint(routes.deleteProject)
  delete(@Call() call: CallOf<typeof routes.deleteProject>) {
    return this.commands.deleteProject(call.context, { key: call.params.key, expectedVersion: call.expectedVersion });
  }
}
