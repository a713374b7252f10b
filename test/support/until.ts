/**
 * Looks until there is something to see, and gives it back: for states that another process reaches in its own time.
 * @param look gives the awaited value, or undefined or false while it is not there yet
 * @throws Error with `what` and the last error of `look` when the deadline passes
 */
export async function until<T>(what: string, look: () => Promise<T | undefined | false> | T | undefined | false, options: { readonly timeoutMs?: number; readonly everyMs?: number } = {}): Promise<T> {
  const { timeoutMs = 15_000, everyMs = 25 } = options;
  const deadline = performance.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() >= deadline) throw new Error(`${what}: not seen within ${timeoutMs} ms`, { cause: lastError });
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
