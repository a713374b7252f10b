import { Controller, Inject } from '@nestjs/common';
import type { IntakeCommands } from '../../application/ports/api-commands.port.js';
import { Call } from '../common/call.js';
import { Endpoint, type CallOf } from '../common/route.js';
import { TOKENS } from '../dependencies.js';
import { issueCreated } from './intake.routes.js';

@Controller()
export class IntakeController {
  constructor(@Inject(TOKENS.intakeCommands) private readonly commands: IntakeCommands) {}

  @Endpoint(issueCreated)
  issueCreated(@Call() call: CallOf<typeof issueCreated>) {
    return this.commands.issueCreated(call.context, call.body);
  }
}
