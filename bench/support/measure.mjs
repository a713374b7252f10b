import { readdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

/** Progress for people; stdout carries the result alone. @param {string} sentence */
export const say = (sentence) => process.stderr.write(`${sentence}\n`);

/** Nearest rank. @param {readonly number[]} values @param {number} share 0 to 1 */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
/** @param {readonly number[]} values */
export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};
/** @param {number} value @param {number} digits */
export const round = (value, digits = 2) => Number(value.toFixed(digits));

/** The machine that a figure belongs to; the load says whether it was at rest. */
export const machine = () => ({ cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version, platform: `${process.platform} ${process.arch}`, load: loadavg().map((one) => round(one, 1)) });

/** Clock ticks of Linux a second, as every distribution builds it. */
const TICKS = 100;
/** Seconds of CPU that a process and its children have used so far; null where there is no /proc. @param {number} pid */
export function cpuSeconds(pid) {
  try {
    const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
      const stat = statOf(Number(name));
      return stat !== null && stat.parent === pid ? [stat.seconds] : [];
    });
    return children.reduce((sum, one) => sum + one, statOf(pid)?.seconds ?? 0);
  } catch {
    return null;
  }
}
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [utime, stime, childUser, childSystem] = fields.slice(11, 15).map(Number);
    return { parent: Number(fields[1]), seconds: (utime + stime + childUser + childSystem) / TICKS };
  } catch {
    return null; // it ended while the list was read
  }
}

/** Does the work for each item, at most `width` at a time; the first failure is thrown when nothing is under way any more. @template T @param {number} width @param {readonly T[]} items @param {(item: T) => Promise<unknown>} work */
export async function inLanes(width, items, work) {
  const queue = [...items];
  const lane = async () => {
    try {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
    } catch (error) {
      queue.length = 0;
      throw error;
    }
  };
  const failed = (await Promise.allSettled(Array.from({ length: width }, lane))).find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
