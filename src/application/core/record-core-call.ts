import type { AuditSubject } from '../../domain/audit/entry.js';
import { entitlementSubject, type Entitlement } from '../../domain/catalog/entitlement.js';
import { recordWorkflowCommand, type CommandDeps, type Recorded } from '../commands/run-command.js';
import type { CommandContext, Principal } from '../ports/api-commands.port.js';
import type { StoredCommand } from '../ports/command-store.port.js';
import type { ConnectorAddress, CredentialExpiry } from '../ports/connector-store.port.js';
import { connectorConfigContext, externalLoginContext } from '../ports/sealing.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';

/** What a recorded core call is to do; kept as the command's payload. What is sealed is kept beside it. */
export type CoreCommand =
  | { readonly operation: 'connector.test'; readonly connectorId: string; readonly rowVersion: number }
  | { readonly operation: 'connector.conformance'; readonly connectorId: string; readonly sealedLogin: string; readonly groupName: string }
  /** A credential that is to take the place of the connector's, if its test passes. */
  | { readonly operation: 'connector.rotate'; readonly connectorId: string; readonly rowVersion: number; readonly name: string; readonly address: ConnectorAddress; readonly sealedConfig: string; readonly credential: CredentialExpiry; readonly notices: readonly string[] }
  | (Entitlement & { readonly operation: 'tool.createGroup'; readonly connectorId: string; readonly name: string })
  | (Entitlement & { readonly operation: 'tool.bindGroup'; readonly connectorId: string; readonly externalGroupId: string })
  | (Entitlement & { readonly operation: 'tool.readGroupApps'; readonly connectorId: string; readonly externalGroupId: string })
  /** `mappingId`: that mapping is changed. */
  | { readonly operation: 'mapping.resolve'; readonly connectorId: string; readonly provider: 'okta' | 'entra'; readonly accountId: string; readonly sealedLogin: string; readonly mappingId: string | null; readonly replace: boolean; readonly aliases: 'accept' | 'refuse' };
export interface RecordedCoreCommand { readonly command: StoredCommand; readonly principal: Pick<Principal, 'accountId' | 'kind'>; readonly core: CoreCommand }

export function recordCoreCommand(deps: Pick<CommandDeps, 'commands'>, tx: SiteTx, context: CommandContext, core: CoreCommand): Promise<Recorded> {
  const { operation, ...args } = core;
  const payload = { ...args, actorKind: context.principal.kind };
  const command = { operation, requestId: null } as const;
  if ('sealedConfig' in payload) {
    const { sealedConfig: value, ...rest } = payload;
    return recordWorkflowCommand(deps, tx, context, { ...command, payload: rest, sealed: { field: connectorConfigContext(tx.siteId, core.connectorId).field, value } });
  }
  if ('sealedLogin' in payload) {
    const { sealedLogin: value, ...rest } = payload;
    return recordWorkflowCommand(deps, tx, context, { ...command, payload: rest, sealed: { field: externalLoginContext(tx.siteId, core.connectorId).field, value } });
  }
  return recordWorkflowCommand(deps, tx, context, { ...command, payload });
}

/** Reads back what {@link recordCoreCommand} wrote; null for any other command. */
export function readCoreCommand(command: StoredCommand): RecordedCoreCommand | null {
  const { payload, operation, sealed } = command;
  const core: Readonly<Record<string, unknown>> = { ...payload, ...(sealed === null ? {} : { [operation === 'connector.rotate' ? 'sealedConfig' : 'sealedLogin']: sealed }), operation };
  const kind = payload['actorKind'];
  if (!isCoreCommand(core) || !isActorKind(kind)) return null;
  return { command, core, principal: { accountId: command.actor, kind } };
}

const OPERATIONS: readonly unknown[] = ['connector.test', 'connector.conformance', 'connector.rotate', 'tool.createGroup', 'tool.bindGroup', 'tool.readGroupApps', 'mapping.resolve'];
/** The payload is this product's own writing, in the same release or an older one: its operation tells its shape. */
const isCoreCommand = (value: Readonly<Record<string, unknown>>): value is Readonly<Record<string, unknown>> & CoreCommand => OPERATIONS.includes(value['operation']) && typeof value['connectorId'] === 'string';
const isActorKind = (value: unknown): value is Principal['kind'] => value === 'person' || value === 'service' || value === 'forge';

export function subjectOf(core: CoreCommand): AuditSubject {
  switch (core.operation) {
    case 'connector.test':
    case 'connector.conformance':
    case 'connector.rotate': return { connectorId: core.connectorId };
    case 'tool.createGroup':
    case 'tool.readGroupApps':
    case 'tool.bindGroup': return { connectorId: core.connectorId, ...entitlementSubject(core) };
    case 'mapping.resolve': return { connectorId: core.connectorId, accountId: core.accountId };
  }
}
