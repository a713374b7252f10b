import { refusalOf } from '../../test/support/stack-error.js';
import { PORT_OFFSETS, readArguments, USAGE } from './stack-arguments.js';

describe('the arguments of npm start', () => {
  const refused = (...args: string[]) => refusalOf(Promise.resolve().then(() => readArguments(args)));

  it('default to serving on the documented ports', () => {
    expect(readArguments([])).toEqual({ help: false, walk: false, dataDir: undefined, port: 8700 });
  });

  it('are understood together', () => {
    expect(readArguments(['--walk', '--data', 'here', '--port=0'])).toEqual({ help: false, walk: true, dataDir: 'here', port: 0 });
  });

  it.each(['x', '-1', '70000', '1.5', '65530'])('refuse the port %s', async (port) => {
    expect((await refused(`--port=${port}`)).message).toContain('is not a port number');
  });

  it.each([['--wolk'], ['somewhere'], ['--data']])('refuse %s and point to the help', async (argument) => {
    expect((await refused(argument)).whatToDo).toContain('--help');
  });

  it('give each part a port of its own, all of them named in the help', () => {
    const offsets = Object.values(PORT_OFFSETS);
    expect(new Set(offsets).size).toBe(offsets.length);
    expect(USAGE).toContain(`N+${Math.max(...offsets)}`);
  });
});
