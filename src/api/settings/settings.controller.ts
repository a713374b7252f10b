import { Controller, Inject } from '@nestjs/common';
import type { GovernanceCommands } from '../../application/ports/api-commands.port.js';
import type { GovernanceQueries } from '../../application/ports/api-queries.port.js';
import { Call } from '../common/call.js';
import { Endpoint, type CallOf } from '../common/route.js';
import { TOKENS } from '../dependencies.js';
import * as routes from './settings.routes.js';

/** One document per name; what a document holds is its contract's business. */
@Controller()
export class SettingsController {
  constructor(@Inject(TOKENS.governanceCommands) private readonly commands: GovernanceCommands, @Inject(TOKENS.governanceQueries) private readonly queries: GovernanceQueries) {}

  @Endpoint(routes.getIntake)
  intake(@Call() call: CallOf<typeof routes.getIntake>) {
    return this.queries.settings(call.principal, 'intake');
  }

  @Endpoint(routes.putIntake)
  putIntake(@Call() call: CallOf<typeof routes.putIntake>) {
    return this.commands.putSettings(call.context, { name: 'intake', value: call.body, expectedVersion: call.expectedVersion });
  }

  @Endpoint(routes.getRouting)
  routing(@Call() call: CallOf<typeof routes.getRouting>) {
    return this.queries.settings(call.principal, 'routing');
  }

  @Endpoint(routes.putRouting)
  putRouting(@Call() call: CallOf<typeof routes.putRouting>) {
    return this.commands.putSettings(call.context, { name: 'routing', value: call.body, expectedVersion: call.expectedVersion });
  }

  @Endpoint(routes.getSla)
  sla(@Call() call: CallOf<typeof routes.getSla>) {
    return this.queries.settings(call.principal, 'sla');
  }

  @Endpoint(routes.putSla)
  putSla(@Call() call: CallOf<typeof routes.putSla>) {
    return this.commands.putSettings(call.context, { name: 'sla', value: call.body, expectedVersion: call.expectedVersion });
  }

  @Endpoint(routes.getRecertification)
  recertification(@Call() call: CallOf<typeof routes.getRecertification>) {
    return this.queries.settings(call.principal, 'recertification');
  }

  @Endpoint(routes.putRecertification)
  putRecertification(@Call() call: CallOf<typeof routes.putRecertification>) {
    return this.commands.putSettings(call.context, { name: 'recertification', value: call.body, expectedVersion: call.expectedVersion });
  }

  @Endpoint(routes.getSelfService)
  selfService(@Call() call: CallOf<typeof routes.getSelfService>) {
    return this.queries.settings(call.principal, 'self-service');
  }

  @Endpoint(routes.putSelfService)
  putSelfService(@Call() call: CallOf<typeof routes.putSelfService>) {
    return this.commands.putSettings(call.context, { name: 'self-service', value: call.body, expectedVersion: call.expectedVersion });
  }

  @Endpoint(routes.getDataClasses)
  dataClasses(@Call() call: CallOf<typeof routes.getDataClasses>) {
    return this.queries.settings(call.principal, 'data-classes');
  }

  @Endpoint(routes.putDataClasses)
  putDataClasses(@Call() call: CallOf<typeof routes.putDataClasses>) {
    return this.commands.putSettings(call.context, { name: 'data-classes', value: call.body, expectedVersion: call.expectedVersion });
  }

  @Endpoint(routes.getReconciliation)
  reconciliation(@Call() call: CallOf<typeof routes.getReconciliation>) {
    return this.queries.settings(call.principal, 'reconciliation');
  }

  @Endpoint(routes.putReconciliation)
  putReconciliation(@Call() call: CallOf<typeof routes.putReconciliation>) {
    return this.commands.putSettings(call.context, { name: 'reconciliation', value: call.body, expectedVersion: call.expectedVersion });
  }

  @Endpoint(routes.getLeaver)
  leaver(@Call() call: CallOf<typeof routes.getLeaver>) {
    return this.queries.settings(call.principal, 'leaver');
  }

  @Endpoint(routes.putLeaver)
  putLeaver(@Call() call: CallOf<typeof routes.putLeaver>) {
    return this.commands.putSettings(call.context, { name: 'leaver', value: call.body, expectedVersion: call.expectedVersion });
  }

  @Endpoint(routes.getRetention)
  retention(@Call() call: CallOf<typeof routes.getRetention>) {
    return this.queries.settings(call.principal, 'retention');
  }

  @Endpoint(routes.putRetention)
  putRetention(@Call() call: CallOf<typeof routes.putRetention>) {
    return this.commands.putSettings(call.context, { name: 'retention', value: call.body, expectedVersion: call.expectedVersion });
  }
}
