#!/usr/bin/env node
// Starts the compiled command line. Most commands talk to the HTTP API (src/cli); those that set up and keep a deployment work on its
// database and keys directly (src/operator), so that the former needs neither.
import { existsSync } from 'node:fs';

const isOperators = ['db', 'site', 'secrets'].includes(process.argv[2]);
const main = new URL(`../dist/${isOperators ? 'operator' : 'cli'}/main.js`, import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write('AI Clearance is not built yet: run "npm run build" first.\n');
  process.exitCode = 2;
}
