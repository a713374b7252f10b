import fc from 'fast-check';
import { LaggedTable, ReadLag } from './lagged-table.js';

interface Step { readonly kind: 'set' | 'delete' | 'lag' | 'pass'; readonly key: string; readonly amount: number }

const steps = fc.array(
  fc.record({ kind: fc.constantFrom('set', 'delete', 'lag', 'pass'), key: fc.constantFrom('a', 'b'), amount: fc.integer({ min: 0, max: 20 }) }),
  { maxLength: 40 },
);

describe('LaggedTable', () => {
  it('shows readers no write before its lag and every write after it, in order', () => {
    fc.assert(
      fc.property(steps, (played: Step[]) => {
        let now = 0;
        const lag = new ReadLag(() => now);
        const table = new LaggedTable<number>(lag);
        const seen: number[] = [];
        let value = 0;
        for (const { kind, key, amount } of played) {
          if (kind === 'set') table.set(key, (value += 1));
          else if (kind === 'delete') table.delete(key);
          else if (kind === 'lag') lag.change(amount);
          else now += amount;
          const read = table.read('a');
          // Values only grow, so a reader that went back in time would see a smaller one.
          if (read !== undefined) {
            expect(read).toBeGreaterThanOrEqual(seen.at(-1) ?? 0);
            seen.push(read);
          }
          expect(table.readKeys()).toEqual(['a', 'b'].filter((one) => table.read(one) !== undefined));
        }
        now += 21;
        expect([table.read('a'), table.read('b')]).toEqual([table.current('a'), table.current('b')]);
      }),
    );
  });

  it('shows everything when the lag is switched off, and hides none of it again', () => {
    let now = 0;
    const lag = new ReadLag(() => now);
    const table = new LaggedTable<string>(lag);
    lag.change(100);
    table.set('a', 'written');
    expect(table.read('a')).toBeUndefined();
    now = 10;
    lag.change(0);
    lag.change(100);
    expect(table.read('a')).toBe('written');
  });
});
