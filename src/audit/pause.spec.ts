import { Pause } from './pause.js';

describe('a pause', () => {
  it('ends by itself, and at once when it is woken', async () => {
    const pause = new Pause();
    await pause.forMs(1);
    const long = pause.forMs(3_600_000).then(() => 'woken');
    pause.wake();
    expect(await long).toBe('woken');
  });

  it('keeps a wake that came before it, and only for one pause', async () => {
    const pause = new Pause();
    pause.wake();
    expect(await pause.forMs(3_600_000).then(() => 'woken')).toBe('woken');
    const next = pause.forMs(3_600_000).then(() => 'woken');
    expect(await Promise.race([next, new Promise((resolve) => setImmediate(resolve, 'waiting'))])).toBe('waiting');
    pause.wake();
    expect(await next).toBe('woken');
  });
});
