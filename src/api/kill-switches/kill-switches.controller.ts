import { Controller, Inject } from '@nestjs/common';
import type { KillSwitchCommands, KillSwitchQueries } from '../../application/ports/kill-switch.port.js';
import { Call } from '../common/call.js';
import { Endpoint, type CallOf } from '../common/route.js';
import { TOKENS } from '../dependencies.js';
import * as routes from './kill-switches.routes.js';

@Controller()
export class KillSwitchesController {
  constructor(@Inject(TOKENS.killSwitchCommands) private readonly commands: KillSwitchCommands, @Inject(TOKENS.killSwitchQueries) private readonly queries: KillSwitchQueries) {}

  @Endpoint(routes.createKillSwitch)
  create(@Call() call: CallOf<typeof routes.createKillSwitch>) {
    return this.commands.create(call.context, call.body);
  }

  @Endpoint(routes.listKillSwitches)
  list(@Call() call: CallOf<typeof routes.listKillSwitches>) {
    return this.queries.list(call.principal, call.query);
  }

  @Endpoint(routes.getKillSwitch)
  find(@Call() call: CallOf<typeof routes.getKillSwitch>) {
    return this.queries.find(call.principal, call.params.id);
  }

  @Endpoint(routes.listKillSwitchItems)
  items(@Call() call: CallOf<typeof routes.listKillSwitchItems>) {
    return this.queries.items(call.principal, call.params.id, call.query);
  }

  @Endpoint(routes.restoreKillSwitch)
  restore(@Call() call: CallOf<typeof routes.restoreKillSwitch>) {
    return this.commands.restore(call.context, { id: call.params.id });
  }

  @Endpoint(routes.confirmKillSwitch)
  confirm(@Call() call: CallOf<typeof routes.confirmKillSwitch>) {
    return this.commands.confirm(call.context, { id: call.params.id });
  }
}
