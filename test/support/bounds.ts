/** How far the long tests go: bounded by default, so that they run with every change; further by hand (CONTRIBUTING, tests). */
function whole(variable: string, otherwise: number): number {
  const value = Number(process.env[variable] ?? '');
  return Number.isInteger(value) && value > 0 ? value : otherwise;
}

/** Open requests when the engine loses its data. */
export const rebuildRequests = (): number => whole('REBUILD_REQUESTS', 50);

/** Histories of requests that the model-based test makes up, 5 to 60 events each. */
export const modelRuns = (): number => whole('MODEL_RUNS', 300);
/** The seed of the model-based test; MODEL_SEED repeats another run. */
export const modelSeed = (): number => whole('MODEL_SEED', 1 + Math.floor(Math.random() * 999_999));

/** Whether every pair is asked for (FAULTS_WHOLE=yes); a report is written from such a run only. */
export const isWhole = (): boolean => process.env['FAULTS_WHOLE'] === 'yes';

/** The seed of this run's samples; FAULTS_SEED repeats another run's. */
const seed = whole('FAULTS_SEED', 1 + Math.floor(Math.random() * 999_999));

/** So many of all, drawn by a seed that is printed, in their order; all of them when the whole is asked for. Each group keeps at least one. */
export function sampled<T>(what: string, all: readonly T[], count: number, groupOf: (item: T) => unknown = () => ''): readonly T[] {
  if (isWhole() || all.length <= count) return all;
  const random = generator(seed);
  const drawn = all.map((item) => ({ item, at: random() })).sort((a, b) => a.at - b.at).map(({ item }) => item);
  const groups = new Map(drawn.map((item) => [groupOf(item), item]));
  const chosen = new Set(groups.values());
  for (const item of drawn) if (chosen.size < count) chosen.add(item);
  process.stdout.write(`${what}: ${chosen.size} of ${all.length}, FAULTS_SEED=${seed}; all of them with FAULTS_WHOLE=yes\n`);
  return all.filter((item) => chosen.has(item));
}

/** mulberry32: small, and the same everywhere. */
function generator(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
