/** Does something again and again, never twice at once, until stopped; a failure is reported and tried again at the next turn. */
export function repeating(everyMs: number, work: () => Promise<unknown>, onError: (error: unknown) => void): { nudge: () => void; stop: () => Promise<void> } {
  let stopped = false;
  let wake: () => void = () => undefined;
  const loop = async (): Promise<void> => {
    while (!isStopped()) {
      await work().catch(onError);
      if (isStopped()) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, everyMs);
        wake = () => { clearTimeout(timer); resolve(); };
      });
    }
  };
  const isStopped = (): boolean => stopped;
  const running = loop();
  return {
    nudge: () => wake(),
    stop: async () => {
      stopped = true;
      wake();
      await running;
    },
  };
}
