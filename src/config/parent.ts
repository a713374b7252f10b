/** What a process tells whoever started it, once it serves: JSON-plain values such as addresses. */
export type ReadyInfo = Readonly<Record<string, unknown>>;

/** Time that `shutDown` gets after the parent has gone, in milliseconds. */
const GRACE_MS = 5_000;

/** Tells the parent that this process serves; without a parent that listens (started by hand, by a container) it does nothing. */
export function reportReady(info: ReadyInfo = {}): void {
  process.send?.({ ready: true, ...info });
}

/**
 * Ends this process when the one that started it is gone, also after kill -9: nothing must go on serving data that
 * nobody supervises. Started without an IPC channel it does nothing.
 * @param shutDown what to finish before; given five seconds
 */
export function exitWithParent(shutDown: () => Promise<void> = () => Promise.resolve()): void {
  if (process.send === undefined) return;
  const leave = (): void => {
    setTimeout(() => process.exit(1), GRACE_MS).unref();
    shutDown().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  // The parent may have died while this process was still loading its modules: then the event is over already.
  if (process.connected) process.once('disconnect', leave);
  else leave();
}
