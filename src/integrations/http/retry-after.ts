/** Nobody waits longer than this on a header's word: a wrong clock at the other side must not park a revocation. */
const longestWaitMs = 60 * 60 * 1000;

/**
 * How long the answering service asks to wait, in milliseconds, or undefined when it does not say.
 * `Retry-After` in seconds or as an HTTP date (RFC 9110 section 10.2.3), else `X-Rate-Limit-Reset` in epoch seconds (Okta),
 * else `X-RateLimit-Reset` as an ISO instant (Jira).
 * Dates count from the answer's own `Date`, since the clocks may differ; `nowMs` stands in when it is absent.
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const dateMs = Date.parse(headers.get('date') ?? '');
  const fromMs = Number.isNaN(dateMs) ? nowMs : dateMs;
  return parseRetryAfter(headers.get('retry-after'), fromMs) ?? parseReset(headers.get('x-rate-limit-reset'), fromMs) ?? parseInstant(headers.get('x-ratelimit-reset'), fromMs);
}

function parseRetryAfter(value: string | null, fromMs: number): number | undefined {
  if (value === null) return undefined;
  const text = value.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return bounded(Number(text) * 1000);
  const untilMs = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(untilMs) ? undefined : bounded(untilMs - fromMs);
}

/** Okta may send the header twice, which arrives as a comma-separated list: the latest reset holds. */
function parseReset(value: string | null, fromMs: number): number | undefined {
  if (value === null) return undefined;
  const seconds = value.split(',').map((part) => part.trim()).filter((part) => /^\d{9,11}$/.test(part)).map(Number);
  // The reset has whole seconds: one more covers the rounding of both clocks.
  return seconds.length === 0 ? undefined : bounded(Math.max(...seconds) * 1000 - fromMs + 1000);
}

function parseInstant(value: string | null, fromMs: number): number | undefined {
  const untilMs = value === null || !/^\d{4}-\d{2}-\d{2}T/.test(value) ? Number.NaN : Date.parse(value);
  return Number.isNaN(untilMs) ? undefined : bounded(untilMs - fromMs);
}

function bounded(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 0), longestWaitMs);
}
