import type { GrantView } from '../../../contracts/grant.contract.js';
import { refusal } from '../../../domain/refusal.js';
import type { CommandContext, CommandOutcome, GrantCommands } from '../../ports/api-commands.port.js';
import type { CommandPayload } from '../commands/command-types.js';
import type { AccessApiDeps } from './access-api-deps.js';
import { callerOf, refusedBy } from './request-commands.js';
import { runAccessCommand } from './run-access-command.js';

/** The API's commands on grants (SPEC A9, G3, G4): each is an update of the request's workflow. */
export function createGrantCommands(deps: AccessApiDeps): GrantCommands {
  const run = async (context: CommandContext, grantId: string, payload: CommandPayload): Promise<CommandOutcome<GrantView>> => {
    const missing: CommandOutcome<GrantView> = { ok: false, refusal: refusal('grant.not_found', 'There is no such grant') };
    const requestId = await deps.uow.run(context.principal.siteId, (tx) => deps.lookup.byGrant(tx, grantId));
    if (requestId === null) return missing;
    const refused = refusedBy(await runAccessCommand(deps, context, requestId, payload));
    const view = await deps.grantQueries.find(context.principal, grantId);
    if (view === null) return missing; // whatever the refusal: somebody else's grant is not there (API.md)
    return refused === null ? { ok: true, status: 200, body: view } : { ok: false, refusal: refused };
  };
  return {
    revoke: (context, { grantId, reason }) => run(context, grantId, { operation: 'revoke', caller: callerOf(context), comment: reason ?? null }),
    return: (context, { grantId, reason }) => run(context, grantId, { operation: 'return', caller: callerOf(context), comment: reason ?? null }),
    extend: (context, { grantId, durationDays, reason }) => run(context, grantId, { operation: 'extend', caller: callerOf(context), durationDays, reason }),
  };
}
