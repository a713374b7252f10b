#!/usr/bin/env node
// Starts the compiled command line; the sources are src/cli.
import { existsSync } from 'node:fs';

const main = new URL('../dist/cli/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write('AI Clearance is not built yet: run "npm run build" first.\n');
  process.exitCode = 2;
}
