/** How far the long tests go: bounded by default, so that they run with every change; further by hand (CONTRIBUTING, tests). */
function whole(variable: string, otherwise: number): number {
  const value = Number(process.env[variable] ?? '');
  return Number.isInteger(value) && value > 0 ? value : otherwise;
}

/** Open requests when the engine loses its data. */
export const rebuildRequests = (): number => whole('REBUILD_REQUESTS', 50);
