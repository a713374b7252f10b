import { createServer } from 'node:net';
import { refusalOf } from '../../test/support/stack-error.js';
import { claimPort, freePort, freePortBlock } from './ports.js';

describe('claiming a port', () => {
  it('says what a taken port was wanted for and what to do', async () => {
    const other = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    try {
      const { message, whatToDo } = await refusalOf(claimPort(port, 'API'));
      expect(message).toBe(`Port ${port} (API) is taken by another program.`);
      expect(whatToDo).toContain('--port');
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
    await expect(claimPort(port, 'API')).resolves.toBe(port);
  });

  it('takes a free one for 0, outside the range that outgoing connections get theirs from', async () => {
    const port = await claimPort(0, 'API');
    expect(port).toBeGreaterThan(1023);
    expect(port).toBeLessThan(32_768);
  });

  it('finds as many in a row as are needed', async () => {
    const first = await freePortBlock(16);
    expect(await Promise.all(Array.from({ length: 16 }, (_, i) => claimPort(first + i, 'API')))).toHaveLength(16);
  });
});
