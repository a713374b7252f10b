import { Option, type Command } from 'commander';
import { z } from 'zod';
import { entitlementName } from '../../domain/catalog/entitlement.js';
import { GRANT_STATUSES } from '../../domain/grant/grant.js';
import { shownGrant } from '../answers.js';
import { list, withPaging } from '../listing.js';
import { wholeNumber, type Perform } from '../options.js';
import { grantFields } from '../print/request-lines.js';
import { fields } from '../print/table.js';
import { findGrantId, segment } from '../references.js';
import type { Outcome, Session } from '../session.js';

type Shown = z.infer<typeof shownGrant>;
const HEAD = ['grant', 'issue', 'tool', 'holder', 'status', 'expires', 'membership'] as const;
const row = ({ id, issueKey, toolKey, roleKey, accountId, status, expiresAt, membership }: Shown) => [id, issueKey, entitlementName({ toolKey, roleKey }), accountId, status, expiresAt, membership?.observed ?? null];

export function addGrantCommands(program: Command, perform: Perform): void {
  withPaging(program.command('access'))
    .description('list what you may use, and until when')
    .action((options: unknown) => perform(async (session) => list(await session.signIn(), { path: '/me/access', item: shownGrant, options, head: HEAD, row })));

  withPaging(program.command('grants'))
    .description('list grants of those whose requests you may see')
    .addOption(new Option('--status <status>', 'only in this status').choices(GRANT_STATUSES))
    .option('--tool <key>', 'only for this tool')
    .option('--account <accountId>', 'only of this person')
    .option('--issue <issueKey>', 'only of this Jira issue')
    .action((options: unknown) => perform(async (session) => {
      const { tool: toolKey, account: accountId, issue: issueKey, ...rest } = z.looseObject({}).parse(options);
      return list(await session.signIn(), { path: '/grants', item: shownGrant, options: { ...rest, toolKey, accountId, issueKey }, head: HEAD, row });
    }));

  change(program.command('revoke').description('end somebody\'s access before its time').option('--reason <text>', 'why'), 'revoke', perform);
  change(program.command('return').description('give your own access back').option('--reason <text>', 'why'), 'return', perform);
  change(program.command('extend').description('add days to a grant').requiredOption('--days <n>', 'how many', wholeNumber).requiredOption('--reason <text>', 'why'), 'extend', perform);
}

function change(command: Command, verb: 'revoke' | 'return' | 'extend', perform: Perform): void {
  command
    .argument('<grant>', 'grant id, request id or Jira issue key')
    .action((reference: string, options: unknown) => perform((session) => changeGrant(session, verb, reference, options)));
}

async function changeGrant(session: Session, verb: string, reference: string, options: unknown): Promise<Outcome> {
  const { reason, days: durationDays } = z.object({ reason: z.string().optional(), days: z.number().optional() }).parse(options);
  const api = await session.signIn();
  const grant = await api.post(`/grants/${segment(await findGrantId(api, reference))}/${verb}`, shownGrant, { reason, durationDays }, session.idempotencyKey);
  return { answer: grant, lines: fields([['grant', `${grant.id}, ${grant.status}`], ['issue', grant.issueKey], ['tool', entitlementName(grant)], ['holder', grant.accountId], ...grantFields(grant), ['job', grant.job === null ? 'none' : `${grant.job.id}, ${grant.job.kind} ${grant.job.status}`]]) };
}
