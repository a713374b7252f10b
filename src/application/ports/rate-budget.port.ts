import type { BudgetState } from '../../domain/budget/rate-budget.js';

/** The budgets of provider tenants, shared by all core workers. Real time: a vendor's limits know no domain clock. */
export interface RateBudgetStore {
  /**
   * Puts `change` to a tenant's state, alone, with the shared clock in milliseconds since the epoch; null for a tenant never seen. The change may be tried again and must have no effects.
   * @throws DatabaseUnavailable within about a second when the state can't be reached
   */
  change<T>(tenant: string, change: (state: BudgetState | null, nowMs: number) => { readonly state: BudgetState; readonly answer: T }): Promise<T>;
}
