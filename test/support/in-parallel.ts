/** Does the work for each item, at most `width` at a time, and gives the results in the order of the items. What failed is thrown together after all have ended. */
export async function inParallel<T, R>(width: number, items: readonly T[], work: (item: T, at: number) => Promise<R>): Promise<R[]> {
  const results = new Map<number, R>();
  const failures: unknown[] = [];
  const queue = [...items.entries()];
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [at, item] = next;
      try {
        results.set(at, await work(item, at));
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} of ${items.length} failed:\n${failures.slice(0, 10).map(sentenceOf).join('\n')}`);
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}

const sentenceOf = (error: unknown): string => (error instanceof Error ? `${error.message}${error.cause === undefined ? '' : ` (${sentenceOf(error.cause)})`}` : String(error));
