import type { Provider } from '../../application/ports/identity-provider.port.js';
import type { BudgetLimits } from '../../domain/budget/rate-budget.js';
import type { Pace } from './pace.js';
import { TenantPace, type PaceOptions } from './tenant-pace.js';

/** The pace of a provider's tenant: one in a process, whoever's connector or site asks. */
export type PaceFor = (provider: Provider, tenant: string) => Pace;

export function createPaces(options: Omit<PaceOptions, 'limits'> & { readonly limits: Readonly<Record<Provider, BudgetLimits>> }): PaceFor {
  const paces = new Map<string, Pace>();
  return (provider, tenant) => {
    const key = `${provider}/${tenant.toLowerCase()}`;
    const pace = paces.get(key) ?? new TenantPace(key, { ...options, limits: options.limits[provider] });
    paces.set(key, pace);
    return pace;
  };
}
