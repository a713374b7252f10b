import { Controller, Inject } from '@nestjs/common';
import type { GovernanceCommands } from '../../application/ports/api-commands.port.js';
import type { GovernanceQueries } from '../../application/ports/api-queries.port.js';
import { Call } from '../common/call.js';
import { Endpoint, type CallOf } from '../common/route.js';
import { TOKENS } from '../dependencies.js';
import * as routes from './policies.routes.js';

@Controller()
export class PoliciesController {
  constructor(@Inject(TOKENS.governanceCommands) private readonly commands: GovernanceCommands, @Inject(TOKENS.governanceQueries) private readonly queries: GovernanceQueries) {}

  @Endpoint(routes.listApprovalPolicies)
  list(@Call() call: CallOf<typeof routes.listApprovalPolicies>) {
    return this.queries.listApprovalPolicies(call.principal, call.query);
  }

  @Endpoint(routes.createApprovalPolicy)
  create(@Call() call: CallOf<typeof routes.createApprovalPolicy>) {
    return this.commands.createApprovalPolicy(call.context, call.body);
  }

  @Endpoint(routes.getApprovalPolicy)
  find(@Call() call: CallOf<typeof routes.getApprovalPolicy>) {
    return this.queries.findApprovalPolicy(call.principal, call.params.id);
  }

  @Endpoint(routes.updateApprovalPolicy)
  update(@Call() call: CallOf<typeof routes.updateApprovalPolicy>) {
    return this.commands.updateApprovalPolicy(call.context, { policyId: call.params.id, patch: call.body, expectedVersion: call.expectedVersion });
  }

  @Endpoint(routes.deleteApprovalPolicy)
  delete(@Call() call: CallOf<typeof routes.deleteApprovalPolicy>) {
    return this.commands.deleteApprovalPolicy(call.context, { policyId: call.params.id, expectedVersion: call.expectedVersion });
  }

  @Endpoint(routes.getGuardrails)
  guardrails(@Call() call: CallOf<typeof routes.getGuardrails>) {
    return this.queries.guardrails(call.principal);
  }

  @Endpoint(routes.putGuardrails)
  putGuardrails(@Call() call: CallOf<typeof routes.putGuardrails>) {
    return this.commands.putGuardrails(call.context, { value: call.body, expectedVersion: call.expectedVersion });
  }

  @Endpoint(routes.getDefaults)
  defaults(@Call() call: CallOf<typeof routes.getDefaults>) {
    return this.queries.defaults(call.principal);
  }

  @Endpoint(routes.putDefaults)
  putDefaults(@Call() call: CallOf<typeof routes.putDefaults>) {
    return this.commands.putDefaults(call.context, { value: call.body, expectedVersion: call.expectedVersion });
  }
}
