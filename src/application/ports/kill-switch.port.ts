import type { CreateKillSwitchBody, KillSwitchItemView, KillSwitchListQuery, KillSwitchView } from '../../contracts/kill-switch.contract.js';
import type { CommandContext, CommandOutcome, Principal } from './api-commands.port.js';
import type { Keyset, ListQuery, Rows } from './api-queries.port.js';

/** @throws DatabaseUnavailable. What a rule refuses is a returned refusal. An engine that is away delays the run, not the answer. */
export interface KillSwitchCommands {
  create(context: CommandContext, body: CreateKillSwitchBody): Promise<CommandOutcome<KillSwitchView>>;
  restore(context: CommandContext, input: { readonly id: string }): Promise<CommandOutcome<KillSwitchView>>;
  confirm(context: CommandContext, input: { readonly id: string }): Promise<CommandOutcome<KillSwitchView>>;
}
export interface KillSwitchQueries {
  list(principal: Principal, query: ListQuery<KillSwitchListQuery>): Promise<Rows<KillSwitchView>>;
  find(principal: Principal, id: string): Promise<KillSwitchView | null>;
  items(principal: Principal, id: string, query: { readonly limit: number; readonly after: Keyset | null }): Promise<Rows<KillSwitchItemView>>;
}
