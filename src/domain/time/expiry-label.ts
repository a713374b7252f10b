import { DAY_MS, type GrantStatus } from '../grant/grant.js';
import type { Observed } from '../provisioning/provisioning.js';

/** Formatters are dear to make; there are few zones and they never change. */
const formatters = new Map<string, Intl.DateTimeFormat>();
function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  formatters.set(timeZone, made);
  return made;
}

/** Number of the calendar day of an instant in a time zone, so that two days can be subtracted. */
function dayNumber(at: Date, timeZone: string): number {
  const parts = formatterOf(timeZone).formatToParts(at);
  const numberOf = (type: 'year' | 'month' | 'day'): number => Number(parts.find((part) => part.type === type)?.value);
  return Date.UTC(numberOf('year'), numberOf('month') - 1, numberOf('day')) / DAY_MS;
}

/** `expired`, `expires today`, `expires tomorrow` or `N days remaining`, by the calendar of the site (SPEC G1). */
export function expiryLabel(expiresAt: Date, now: Date, timeZone: string): string {
  if (expiresAt <= now) return 'expired';
  const days = dayNumber(expiresAt, timeZone) - dayNumber(now, timeZone);
  if (days === 0) return 'expires today';
  return days === 1 ? 'expires tomorrow' : `${days} days remaining`;
}

export interface LabelFacts { readonly status: GrantStatus; readonly expiresAt: Date; readonly observed: Observed | null }
/**
 * The label of a grant; null where none fits: a revoked grant did not run out, and nothing is called expired while the provider still shows the
 * person in the group (API, resources).
 */
export function grantLabel({ status, expiresAt, observed }: LabelFacts, now: Date, timeZone: string): string | null {
  if (status === 'revoked' || status === 'removing') return null;
  if (status === 'expired') return 'expired';
  const label = expiryLabel(expiresAt, now, timeZone);
  return label === 'expired' && observed === 'present' ? 'expires today' : label;
}

/** Whether an open grant ends within the site's "expiring soon" (SPEC G10: 14 days unless set). */
export function isExpiringSoon({ status, expiresAt }: Pick<LabelFacts, 'status' | 'expiresAt'>, now: Date, withinDays = 14): boolean {
  const open = status === 'active' || status === 'pendingProvision' || status === 'suspended';
  return open && expiresAt.getTime() - now.getTime() <= withinDays * DAY_MS;
}
