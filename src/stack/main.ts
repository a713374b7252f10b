import { readStackEnvironment } from '../config/stack-env.js';
import { screenOf } from './screen.js';
import { EmbeddedStack } from './stack.js';
import type { Stack } from './stack.js';
import { readArguments, USAGE } from './stack-arguments.js';
import type { StackArguments } from './stack-arguments.js';
import { StackError } from './stack-error.js';
import { sampleIsDone, walkSampleRequest } from './walk.js';

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** `npm start`: 0 when it was stopped or the walk was verified, 1 when it could not start or the walk failed. */
async function main(): Promise<number> {
  const args = readArguments(process.argv.slice(2));
  if (args.help) {
    print(USAGE);
    return 0;
  }
  const environment = readStackEnvironment();
  const stack = new EmbeddedStack({ environment, dataDir: args.dataDir ?? environment.dataDir, port: args.port, onEvent: (sentence) => print(`- ${sentence}`) });
  const { stopped, isStopping } = stopOnSignal(stack);
  try {
    // What fails because everything is being ended is no failure to report.
    const starting = stack.start().catch((error: unknown) => (isStopping() ? stopped : Promise.reject(error instanceof Error ? error : new Error(String(error)))));
    const running = await Promise.race([starting, stopped]);
    if (running === 'stopped') return 0;
    print(screenOf({ ...running, readySeconds: performance.now() / 1000 }));
    if (args.walk) return await walk(running, args);
    await walkUnlessDone(running, args);
    print('Serving until Ctrl-C.');
    await stopped;
    return 0;
  } finally {
    await stack.stop();
  }
}

/** `stopped` settles when everything has ended after Ctrl-C or SIGTERM. A second Ctrl-C changes nothing: the ends are on their way and bounded. */
function stopOnSignal(stack: EmbeddedStack): { readonly stopped: Promise<'stopped'>; readonly isStopping: () => boolean } {
  let isStopping = false;
  const stopped = new Promise<'stopped'>((resolve, reject) => {
    const stop = (): void => {
      if (isStopping) return;
      isStopping = true;
      print('Stopping …');
      stack.stop().then(() => resolve('stopped'), reject);
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
  return { stopped, isStopping: () => isStopping };
}

async function walk({ apiUrl, dataDir }: Stack, { walk: isAll }: StackArguments): Promise<number> {
  print('One sample request, from the portal to proven absence');
  try {
    const { lastLine } = await walkSampleRequest(apiUrl, print);
    print(lastLine);
    return 0;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    print(`The walk failed: ${error.message}. ${isAll ? 'Start without --walk to look around; logs' : 'Logs'} are in ${dataDir}/logs.`);
    return 1;
  }
}

/** A first start walks; a later one only finishes a walk that was cut off. */
async function walkUnlessDone(running: Stack, args: StackArguments): Promise<void> {
  if (!running.isNew && (await sampleIsDone(running.apiUrl))) print('The sample request was walked through before; npm start -- --walk walks another one.');
  else await walk(running, args);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    if (error instanceof StackError) process.stderr.write(`\n${error.message}\n${error.whatToDo}\n`);
    else process.stderr.write(`\nThe start failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
