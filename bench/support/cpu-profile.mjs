import { readFile } from 'node:fs/promises';
import { round } from './measure.mjs';

/**
 * Where the time of a process's own thread went, by its `.cpuprofile` files: shares of the time that it was not idle.
 * @param {readonly string[]} files
 */
export async function readProfiles(files) {
  const packages = new Map();
  const functions = new Map();
  let busyUs = 0;
  for (const file of files) {
    const { nodes, samples, timeDeltas } = JSON.parse(await readFile(file, 'utf8'));
    const byId = new Map(nodes.map((node) => [node.id, node]));
    samples.forEach((id, at) => {
      const { functionName, url, lineNumber } = byId.get(id).callFrame;
      if (functionName === '(idle)') return;
      const us = Math.max(0, timeDeltas[at]);
      const owner = ownerOf(functionName, url);
      busyUs += us;
      packages.set(owner, (packages.get(owner) ?? 0) + us);
      const label = `${functionName || '(anonymous)'} ${owner}${url === '' ? '' : ` ${url.split('/').slice(-1)[0]}:${lineNumber + 1}`}`;
      functions.set(label, (functions.get(label) ?? 0) + us);
    });
  }
  const shares = (totals, limit) => Object.fromEntries([...totals].sort(([, a], [, b]) => b - a).slice(0, limit).map(([label, us]) => [label, round(us / busyUs, 3)]));
  return { busySeconds: round(busyUs / 1e6, 1), packages: shares(packages, 16), functions: shares(functions, 24) };
}

function ownerOf(functionName, url) {
  if (/^\((program|garbage collector|root)\)$/.test(functionName)) return functionName;
  if (url === '') return 'v8 built-in';
  if (url.startsWith('node:')) return 'node';
  const dependency = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url);
  if (dependency !== null) return dependency[1];
  const ours = /\/dist\/([^/]+)\//.exec(url);
  if (ours !== null) return `dist/${ours[1]}`;
  return url.includes('workflow') ? 'workflow bundle' : 'other';
}
