// npm run bench -- NAME [options]: one JSON object on stdout, progress on stderr.
// Everything is started for the run on free ports, with data in a temporary folder, and ended with it (docs/performance.md).
import { parseArgs } from 'node:util';
import { machine } from './support/measure.mjs';

const BENCHES = { lifecycle: './lifecycle/lifecycle.bench.mjs', decide: './decide/decide.bench.mjs', startup: './startup/startup.bench.mjs', killswitch: './killswitch/killswitch.bench.mjs', reconcile: './reconcile/reconcile.bench.mjs' };
const USAGE = `Usage: npm run bench -- lifecycle|decide|startup|killswitch|reconcile [OPTIONS]

  lifecycle   complete lives of requests a second, product against a bare workflow
    --rounds N    timed rounds of each (default 5), interleaved
    --lives N     lives in a round at 16 at a time (default 48)
    --only KIND   connected or connectorless (default both)
    --profile DIR write CPU profiles of the product's processes and name the hottest functions

  decide      from an approval to the membership read back and active, against the same vendor calls
    --rounds N    timed decisions (default 100)

  startup     npm start to ready, with new data and again, against its two servers alone
    --rounds N    starts of each (default 3)

  killswitch  every grant of a tool ended and verified, its worker killed half-way, then restored; against the same vendor calls
    --grants N    active grants (default 1000)

  reconcile   one comparison of 50 groups with 2 % drift, against the same vendor calls; a revocation meanwhile at 10 requests a second
    --grants N    active grants (default 10000)
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' }, lives: { type: 'string' }, grants: { type: 'string' }, only: { type: 'string' }, profile: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
});
const [name = ''] = positionals;
const path = BENCHES[name];
if (values.help || path === undefined) {
  process.stderr.write(USAGE);
  process.exit(values.help ? 0 : 1);
}
const number = (text) => (text === undefined ? undefined : Number(text));
const { run } = await import(path);
const before = machine();
const result = await run({ ...values, rounds: number(values.rounds), lives: number(values.lives), grants: number(values.grants) });
process.stdout.write(`${JSON.stringify({ benchmark: name, machine: { ...before, loadAfter: machine().load }, ...result }, null, 2)}\n`);
process.exit(0);
