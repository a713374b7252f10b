import { randomUUID } from 'node:crypto';
import type { CommandPayload } from '../../../src/application/access/commands/command-types.js';
import { EngineUnavailable } from '../../../src/application/ports/api-commands.port.js';
import type { TestProduct } from '../../support/product.js';

/** A command as a good client sends it: when the engine does not answer in time, again with the same key. @throws Error for a refusal */
export async function insist(product: TestProduct, requestId: string, payload: CommandPayload, key: string = randomUUID()): Promise<void> {
  for (let times = 1; ; times += 1) {
    try {
      const outcome = await product.command(requestId, payload, { key });
      if ('stored' in outcome && outcome.stored.ok) return;
      throw new Error(`${payload.operation} was refused: ${JSON.stringify(outcome)}`);
    } catch (error) {
      if (!(error instanceof EngineUnavailable) || times >= 5) throw error;
    }
  }
}
