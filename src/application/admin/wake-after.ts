import type { WakeReason } from '../../domain/request/operations.js';
import type { CatalogCommands, CommandContext, CommandOutcome, ConnectorCommands, MappingCommands } from '../ports/api-commands.port.js';
import type { AccessEngine } from '../ports/engine.port.js';
import type { SweepStore } from '../ports/sweep-store.port.js';
import type { SiteTx, UnitOfWork } from '../ports/unit-of-work.port.js';
import { wakeAll } from '../sweeps/sweeps.js';

export interface WakeDeps { readonly uow: UnitOfWork<SiteTx>; readonly sweeps: SweepStore; readonly engine: AccessEngine; readonly log: (message: string, detail: Readonly<Record<string, string>>) => void }

type Whom = Parameters<SweepStore['openRequestsOf']>[1];

/** Lets open requests look again, once what they waited for is committed: a hint, so that it fails nothing. */
export async function wakeWaiting(deps: WakeDeps, siteId: string, whom: Whom, reason: WakeReason): Promise<void> {
  try {
    await wakeAll(deps, siteId, await deps.uow.run(siteId, (tx) => deps.sweeps.openRequestsOf(tx, whom)), reason);
  } catch (error) {
    deps.log('waiting requests could not be woken; they look when they are next due', { why: error instanceof Error ? error.message : 'unknown' });
  }
}

/** After an admin removed an obstacle, the requests that waited for it look again (SPEC F5, F13). A hint: without it they look when they are next due. */
export class WakeAfter {
  constructor(private readonly deps: WakeDeps) {}

  mappings(commands: MappingCommands): MappingCommands {
    return {
      ...commands,
      create: (context, input) => this.after(context, commands.create(context, input), 'mappingChanged', () => ({ accountId: input.accountId })),
      update: (context, input) => this.after(context, commands.update(context, input), 'mappingChanged', (mapping) => ({ accountId: mapping.accountId })),
    };
  }
  connectors(commands: ConnectorCommands): ConnectorCommands {
    return { ...commands, enable: (context, input) => this.after(context, commands.enable(context, input), 'connectorChanged', () => ({ connectorId: input.connectorId })) };
  }
  catalog(commands: CatalogCommands): CatalogCommands {
    return {
      ...commands,
      setEntitlementGroup: (context, input) => this.after(context, commands.setEntitlementGroup(context, input), 'connectorChanged', () => ({ toolKey: input.of.toolKey })),
      confirmAssignment: (context, input) => this.after(context, commands.confirmAssignment(context, input), 'connectorChanged', () => ({ toolKey: input.of.toolKey })),
    };
  }

  private async after<T>(context: CommandContext, command: Promise<CommandOutcome<T>>, reason: WakeReason, whom: (body: T) => Whom): Promise<CommandOutcome<T>> {
    const outcome = await command;
    if (outcome.ok) await wakeWaiting(this.deps, context.principal.siteId, whom(outcome.body), reason);
    return outcome;
  }
}
