import { Runtime } from '@temporalio/worker';
import { readCoreConfig, readGovernanceConfig } from '../config/env.js';
import { exitWithParent, reportReady } from '../config/parent.js';
import { startCore } from './core.js';
import { startGovernance } from './governance.js';

/** `node dist/worker/main.js governance|core`: one process, one role. */
async function main(role: string | undefined): Promise<void> {
  Runtime.install({ shutdownSignals: [] }); // this file owns the signals
  const started = role === 'governance' ? await startGovernance(readGovernanceConfig()) : role === 'core' ? await startCore(readCoreConfig()) : null;
  if (started === null) throw new Error('Say which worker to run: governance or core');
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= started.stop());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop().then(() => process.exit(0), () => process.exit(1)));
  exitWithParent(stop);
  reportReady({ role });
}

main(process.argv[2]).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
