import { text } from 'node:stream/consumers';
import { readOperatorEnvironment } from '../config/operator-env.js';
import { runOperator } from './program.js';

/** `aiclearance db|site|secrets …`: see docs/operations.md. */
runOperator(process.argv.slice(2), { environment: readOperatorEnvironment(), readInput: () => text(process.stdin), say: (line) => { process.stderr.write(`${line}\n`); } }, {
  out: (said) => { process.stdout.write(said); },
  err: (said) => { process.stderr.write(said); },
}).then((code) => { process.exitCode = code; }, (error: unknown) => {
  process.stderr.write(`aiclearance failed in itself: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 3;
});
