import type { ToldWindow } from '../../domain/budget/rate-budget.js';

/**
 * The provider's own count as an answer's headers tell it, or undefined when they do not: `X-Rate-Limit-Limit`, `-Remaining` and `-Reset` (Okta, "Rate limits";
 * reset in epoch seconds), or `RateLimit-Limit`, `-Remaining` and `-Reset` (Graph on some resources; reset in seconds from now). Counted from the answer's own `Date`,
 * since the clocks may differ; `nowMs` stands in when it is absent.
 */
export function toldWindow(headers: Headers, nowMs: number): ToldWindow | undefined {
  const dateMs = Date.parse(headers.get('date') ?? '');
  const fromMs = Number.isNaN(dateMs) ? nowMs : dateMs;
  return windowOf(headers, 'x-rate-limit', (reset) => reset * 1_000 - fromMs) ?? windowOf(headers, 'ratelimit', (reset) => reset * 1_000);
}

/** Nobody believes in a window longer than this: a wrong clock at the other side must not park a revocation. */
const longestWindowMs = 60 * 60 * 1_000;

function windowOf(headers: Headers, prefix: string, inMs: (reset: number) => number): ToldWindow | undefined {
  const [limit, remaining, reset] = [`${prefix}-limit`, `${prefix}-remaining`, `${prefix}-reset`].map((name) => wholeNumber(headers.get(name)));
  if (limit === undefined || remaining === undefined || reset === undefined || limit < 1) return undefined;
  const resetInMs = inMs(reset);
  return resetInMs > 0 && resetInMs <= longestWindowMs ? { limit, remaining, resetInMs } : undefined;
}

/** A header that came twice (Okta does, for an org and an endpoint limit) tells nothing certain. */
const wholeNumber = (text: string | null): number | undefined => (text !== null && /^\d{1,12}$/.test(text.trim()) ? Number(text) : undefined);
