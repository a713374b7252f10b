import { Option, type Command } from 'commander';
import { z } from 'zod';
import { entitlementName } from '../../domain/catalog/entitlement.js';
import { JOB_STATUSES } from '../../domain/provisioning/provisioning.js';
import { shownCompletion, shownJobRow, shownManualAction } from '../answers.js';
import { list, withPaging } from '../listing.js';
import type { Perform } from '../options.js';
import { fields } from '../print/table.js';
import { segment } from '../references.js';

/** Work behind a grant: jobs of the product, and what it leaves to people (SPEC F6, F7). */
export function addWorkCommands(program: Command, perform: Perform): void {
  withPaging(program.command('manual-actions'))
    .description('list work that people have to do')
    .option('--mine', 'only what waits for you')
    .addOption(new Option('--status <status>', 'only in this status').choices(['open', 'done', 'obsolete']))
    .option('--tool <key>', 'only for this tool')
    .action((options: unknown) => perform(async (session) => {
      const { mine, tool: toolKey, ...rest } = z.looseObject({ mine: z.boolean().optional() }).parse(options);
      return list(await session.signIn(), {
        path: mine === true ? '/me/manual-actions' : '/manual-actions', item: shownManualAction, options: { ...rest, toolKey },
        head: ['action', 'issue', 'what', 'tool', 'for', 'group', 'status', 'due', 'why'],
        row: ({ id, issueKey, kind, toolKey: tool, roleKey, accountId, entitlement, status, dueAt, reason }) => [id, issueKey, kind, entitlementName({ toolKey: tool, roleKey }), accountId, entitlement.groupName, status, dueAt, reason.code],
      });
    }));

  program
    .command('complete')
    .description('mark manual work done; the identity provider is read again')
    .argument('<action>', 'id of the manual action')
    .addOption(new Option('--outcome <outcome>', 'what was done').choices(['fulfilled', 'deprovisioned', 'verified']).makeOptionMandatory())
    .requiredOption('--note <text>', 'how, for the record')
    .action((id: string, options: unknown) => perform(async (session) => {
      const body = z.object({ outcome: z.string(), note: z.string() }).parse(options);
      const answer = await (await session.signIn()).post(`/manual-actions/${segment(id)}/complete`, shownCompletion, body, session.idempotencyKey);
      const seen = answer.readBack === null ? 'no connector can be asked' : `${answer.readBack.observed}, read ${answer.readBack.readAt}`;
      return { answer, lines: fields([['action', `${answer.action.id}, ${answer.action.status}`], ['provider says', seen], ['grant', answer.grantStatus]]) };
    }));

  withPaging(program.command('jobs'))
    .description('list provisioning jobs')
    .addOption(new Option('--status <status>', 'only in this status').choices(JOB_STATUSES))
    .option('--tool <key>', 'only for this tool')
    .action((options: unknown) => perform(async (session) => {
      const { tool: toolKey, ...rest } = z.looseObject({}).parse(options);
      return list(await session.signIn(), {
        path: '/jobs', item: shownJobRow, options: { ...rest, toolKey }, head: ['job', 'issue', 'kind', 'tool', 'for', 'status', 'attempts', 'next attempt', 'last error'],
        row: (job) => [job.id, job.issueKey, job.kind, entitlementName(job), job.accountId, job.status, job.attempts, job.nextAttemptAt, job.lastError],
      });
    }));

  program
    .command('retry')
    .description('try a job again now, without a new approval')
    .argument('<job>', 'id of the job')
    .action((id: string) => perform(async (session) => {
      const job = await (await session.signIn()).post(`/jobs/${segment(id)}/retry`, shownJobRow, {}, session.idempotencyKey);
      return { answer: job, lines: fields([['job', `${job.id}, ${job.kind} ${job.status}`], ['attempts', job.attempts], ['next attempt', job.nextAttemptAt], ['last error', job.lastError ?? undefined]]) };
    }));
}
