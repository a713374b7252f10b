import type { AcceptBaselineAnswer, AcceptBaselineBody, BaselineListQuery, BaselineView, FindingListQuery, FindingView, ReconciliationListQuery, ReconciliationView, ResolveFindingBody, StartReconciliationBody } from '../../contracts/reconciliation.contract.js';
import type { CommandContext, CommandOutcome, Principal } from './api-commands.port.js';
import type { ListQuery, Rows } from './api-queries.port.js';

/** @throws DatabaseUnavailable. What a rule refuses is a returned refusal. An engine that is away delays the run, not the answer. */
export interface ReconciliationCommands {
  start(context: CommandContext, body: StartReconciliationBody): Promise<CommandOutcome<ReconciliationView>>;
  resolveFinding(context: CommandContext, input: ResolveFindingBody & { readonly id: string }): Promise<CommandOutcome<FindingView>>;
  acceptBaseline(context: CommandContext, input: AcceptBaselineBody & { readonly toolKey: string }): Promise<CommandOutcome<AcceptBaselineAnswer>>;
}
export interface ReconciliationQueries {
  list(principal: Principal, query: ListQuery<ReconciliationListQuery>): Promise<Rows<ReconciliationView>>;
  find(principal: Principal, id: string): Promise<ReconciliationView | null>;
  /** One text of all differences of a run; null when there is no such run. */
  export(principal: Principal, id: string, format: 'jsonl' | 'csv'): Promise<string | null>;
  listFindings(principal: Principal, query: ListQuery<FindingListQuery>): Promise<Rows<FindingView>>;
  findFinding(principal: Principal, id: string): Promise<FindingView | null>;
  listBaseline(principal: Principal, toolKey: string, query: ListQuery<BaselineListQuery>): Promise<Rows<BaselineView>>;
}
/** The same views inside a command's transaction. */
export interface ReconciliationViews<Tx> {
  run(tx: Tx, id: string): Promise<ReconciliationView | null>;
  finding(tx: Tx, id: string): Promise<FindingView | null>;
}
