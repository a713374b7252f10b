import type { Command } from 'commander';
import { shownVerification } from '../answers.js';
import { LONG_PATIENCE_MS } from '../api-client.js';
import { EXIT } from '../exit-codes.js';
import type { Perform } from '../options.js';
import { fields } from '../print/table.js';

export function addAuditCommands(program: Command, perform: Perform): void {
  const audit = program.command('audit').description('the audit trail');
  audit
    .command('verify')
    .description('check the whole chain of the site: links, hashes, MACs, numbers')
    .action(() => perform(async (session) => {
      const answer = await (await session.signIn()).post('/audit/verifications', shownVerification, {}, session.idempotencyKey, LONG_PATIENCE_MS);
      const { ok, status, entriesChecked, lastSeq, chainHead, firstBad } = answer;
      const lines = fields([
        ['chain', ok === true ? 'verified' : status],
        ['entries', entriesChecked],
        ['head', chainHead === null ? null : `${lastSeq ?? '-'} ${chainHead}`],
        ['first bad', firstBad === null ? undefined : `${firstBad.seq} ${firstBad.reason}`],
      ]);
      // Only a proven chain is a good answer: unknown is not.
      return { answer, lines, exitCode: ok === true ? EXIT.ok : EXIT.refused };
    }));
}
