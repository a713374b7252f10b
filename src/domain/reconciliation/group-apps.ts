/** An application that members of a group get by it, as the provider names it. */
export interface GroupApp { readonly externalId: string; readonly label: string }

/** What a group opens now and did not when its assignment was confirmed, and the other way round; labels in one order, whatever the provider's. Null: the same applications, whatever they are called now. */
export function changedApps(confirmed: readonly GroupApp[], now: readonly GroupApp[]): { readonly added: readonly string[]; readonly removed: readonly string[] } | null {
  const without = (apps: readonly GroupApp[], others: readonly GroupApp[]): readonly string[] => apps.filter(({ externalId }) => !others.some((other) => other.externalId === externalId)).map(({ label }) => label).sort();
  const [added, removed] = [without(now, confirmed), without(confirmed, now)];
  return added.length === 0 && removed.length === 0 ? null : { added, removed };
}
