/** States as data (STYLE: states): what the tests of every transition table ask. */
export function reachable<S extends string>(transitions: Readonly<Record<S, readonly S[]>>, from: S): ReadonlySet<S> {
  const seen = new Set<S>([from]);
  for (const state of seen) for (const next of transitions[state]) seen.add(next);
  return seen;
}
