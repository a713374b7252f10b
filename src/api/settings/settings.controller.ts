import { Controller, Inject } from '@nestjs/common';
import { SETTINGS_NAMES, type SettingsName, type SettingsOf } from '../../contracts/project.contract.js';
import type { CommandContext, GovernanceCommands, Principal } from '../../application/ports/api-commands.port.js';
import type { GovernanceQueries } from '../../application/ports/api-queries.port.js';
import { Call } from '../common/call.js';
import { Endpoint } from '../common/route.js';
import { TOKENS } from '../dependencies.js';
import { settingsRoutes } from './settings.routes.js';

/** What the edge hands over for the route of this document: its schema is that of the same name. */
interface Replacement<N extends SettingsName> { readonly context: CommandContext; readonly body: SettingsOf<N>; readonly expectedVersion: number | null }

function settingsController<N extends SettingsName>(name: N) {
  const routes = settingsRoutes(name);
  @Controller()
  class SettingsController {
    constructor(@Inject(TOKENS.governanceCommands) private readonly commands: GovernanceCommands, @Inject(TOKENS.governanceQueries) private readonly queries: GovernanceQueries) {}

    @Endpoint(routes.get)
    read(@Call() { principal }: { readonly principal: Principal }) {
      return this.queries.settings(principal, name);
    }

    @Endpoint(routes.put)
    replace(@Call() { context, body, expectedVersion }: Replacement<N>) {
      return this.commands.putSettings(context, { name, value: body, expectedVersion });
    }
  }
  return SettingsController;
}

/** One for each settings document; what a document holds is its contract's business. */
export const SETTINGS_CONTROLLERS = SETTINGS_NAMES.map((name) => settingsController(name));
