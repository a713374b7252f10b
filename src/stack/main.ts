import { readStackEnvironment } from '../config/stack-env.js';
import { screenOf } from './screen.js';
import { EmbeddedStack } from './stack.js';
import type { Stack } from './stack.js';
import { readArguments, USAGE } from './stack-arguments.js';
import type { StackArguments } from './stack-arguments.js';
import { StackError } from './stack-error.js';
import { sampleIsDone, walkSampleRequest } from './walk.js';

type Say = (line: string) => void;
const print: Say = (line) => {
  process.stdout.write(`${line}\n`);
};

/** `npm start`: 0 when it was stopped or the walk was verified, 1 when it could not start, or the walk failed or was cut off. */
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
    // Whatever is going on ends with Ctrl-C, and what fails because everything is being ended is no failure to report.
    const unlessStopped = <T>(work: Promise<T>): Promise<T | 'stopped'> =>
      Promise.race([stopped, work.catch((error: unknown) => (isStopping() ? stopped : Promise.reject(error instanceof Error ? error : new Error(String(error)))))]);
    const running = await unlessStopped(stack.start());
    if (running === 'stopped') return 0;
    print(screenOf({ ...running, readySeconds: performance.now() / 1000 }));
    const say: Say = (line) => { if (!isStopping()) print(line); };
    if (args.walk) return (await unlessStopped(walk(running, args, say))) === 0 ? 0 : 1;
    if ((await unlessStopped(walkUnlessDone(running, args, say))) === 'stopped') return 0;
    say('Serving until Ctrl-C.');
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

async function walk({ apiUrl, dataDir }: Stack, { walk: isAll }: StackArguments, say: Say): Promise<number> {
  say('One sample request, from the portal to proven absence');
  try {
    const { lastLine } = await walkSampleRequest(apiUrl, say);
    say(lastLine);
    return 0;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    say(`The walk failed: ${error.message}. ${isAll ? 'Start without --walk to look around; logs' : 'Logs'} are in ${dataDir}/logs.`);
    return 1;
  }
}

/** A first start walks; a later one only finishes a walk that was cut off. */
async function walkUnlessDone(running: Stack, args: StackArguments, say: Say): Promise<void> {
  if (!running.isNew && (await sampleIsDone(running.apiUrl))) say('The sample request was walked through before; npm start -- --walk walks another one.');
  else await walk(running, args, say);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    if (error instanceof StackError) process.stderr.write(`\n${error.message}\n${error.whatToDo}\n`);
    else process.stderr.write(`\nThe start failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
