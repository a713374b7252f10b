import type { WrapActivities } from '../../src/worker/supervised-worker.js';

/** Stands around one call of one activity: may do something before or after, run it twice, or fail in its place. */
export type Around = (name: string, args: readonly unknown[], run: () => Promise<unknown>) => Promise<unknown>;

/** Puts `around` about every activity of the workers that a test product starts. `onName` hears the names that a worker registers. */
export function aroundEach(around: Around, onName: (name: string) => void = () => undefined): WrapActivities {
  return (activities) => {
    for (const name of Object.keys(activities)) onName(name);
    return new Proxy(activities, {
      get(target, name, receiver) {
        const value: unknown = Reflect.get(target, name, receiver);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => around(String(name), args, () => Promise.resolve(Reflect.apply(value, target, args)));
      },
    });
  };
}
