import type { EventHookView, OktaEvents, PutEventHookBody } from '../../contracts/okta-events.contract.js';
import type { CommandContext, CommandOutcome } from './api-commands.port.js';

export interface OktaHooks {
  /** False when the secret is not this connector's; then nothing is kept. @throws DatabaseUnavailable: Okta sends again */
  receive(connectorId: string, secret: string, events: OktaEvents): Promise<boolean>;
  setSecret(context: CommandContext, input: PutEventHookBody & { readonly connectorId: string }): Promise<CommandOutcome<EventHookView>>;
}
