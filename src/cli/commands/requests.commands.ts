import { Option, type Command } from 'commander';
import { z } from 'zod';
import { GRANT_STATUSES } from '../../domain/grant/grant.js';
import { DECISIONS } from '../../domain/request/request.js';
import { pageOf, shownRequest, shownTimelineEntry, type ShownRequest } from '../answers.js';
import { EXIT } from '../exit-codes.js';
import { list, withPaging } from '../listing.js';
import { wholeNumber, type Perform } from '../options.js';
import { REQUEST_HEAD, requestLines, requestRow } from '../print/request-lines.js';
import { table } from '../print/table.js';
import { findRequestId, segment } from '../references.js';
import type { Outcome } from '../session.js';

const asked = z.object({ tool: z.string(), role: z.string().optional(), use: z.string(), dataClass: z.array(z.string()), days: z.number(), issue: z.string().optional(), for: z.string().optional() });

/** A denial is a bad answer, also when the message itself was accepted (SPEC I5, P4). */
export const requestOutcome = (request: ShownRequest, isRefused = request.decision === 'denied'): Outcome => ({ answer: request, lines: requestLines(request), exitCode: isRefused ? EXIT.refused : EXIT.ok });

export function addRequestCommands(program: Command, perform: Perform): void {
  program
    .command('request')
    .description('ask for access to a tool')
    .requiredOption('--tool <key>', 'key of the tool; aiclearance tools lists them')
    .option('--role <key>', 'which of its roles, where it has some')
    .requiredOption('--use <text>', 'what it is for')
    .requiredOption('--data-class <class...>', 'classes of the data that it will see')
    .requiredOption('--days <n>', 'for how many days', wholeNumber)
    .option('--issue <issueKey>', 'Jira issue that the request belongs to')
    .option('--for <accountId>', 'who it is for; service clients only')
    .action((options: unknown) => perform(async (session) => {
      const { tool, role, use, dataClass, days, issue, for: accountId } = asked.parse(options);
      const body = { toolKey: tool, businessUse: use, dataClasses: dataClass, durationDays: days, ...(role === undefined ? {} : { roleKey: role }), ...(issue === undefined ? {} : { issueKey: issue }), ...(accountId === undefined ? {} : { accountId }) };
      return requestOutcome(await (await session.signIn()).post('/requests', shownRequest, body, session.idempotencyKey));
    }));

  withPaging(program.command('requests'))
    .description('list requests: all for admins and auditors, else your own and those routed to you')
    .option('--mine', 'only your own')
    .addOption(new Option('--decision <state>', 'only in this state').choices(DECISIONS))
    .addOption(new Option('--grant <status>', 'only with a grant in this status').choices([...GRANT_STATUSES, 'none']))
    .option('--tool <key>', 'only for this tool')
    .option('--account <accountId>', 'only of this person')
    .option('--project <key>', 'only of this Jira project')
    .option('--issue <issueKey>', 'only of this Jira issue')
    .option('--from <time>', 'created at or after this ISO 8601 time or day')
    .option('--to <time>', 'created before this ISO 8601 time or day')
    .action((options: unknown) => perform(async (session) => {
      const { mine, tool: toolKey, account: accountId, project: projectKey, issue: issueKey, ...rest } = z.looseObject({ mine: z.boolean().optional() }).parse(options);
      return list(await session.signIn(), { path: mine === true ? '/me/requests' : '/requests', item: shownRequest, options: { ...rest, toolKey, accountId, projectKey, issueKey }, head: REQUEST_HEAD, row: requestRow });
    }));

  program
    .command('show')
    .description('show a request with its grant, job, policy and votes')
    .argument('<request>', 'request id or Jira issue key')
    .action((reference: string) => perform(async (session) => {
      const api = await session.signIn();
      return requestOutcome(await api.get(`/requests/${segment(await findRequestId(api, reference))}`, shownRequest), false);
    }));

  program
    .command('timeline')
    .description('show what happened to a request, in order')
    .argument('<request>', 'request id or Jira issue key')
    .action((reference: string) => perform(async (session) => {
      const api = await session.signIn();
      const answer = await api.get(`/requests/${segment(await findRequestId(api, reference))}/timeline`, pageOf(shownTimelineEntry));
      return { answer, lines: table(['at', 'seq', 'action', 'by', 'what'], answer.items.map(({ at, seq, action, actor, summary }) => [at, seq, action, actor?.accountId ?? actor?.kind, summary])) };
    }));

  program
    .command('withdraw')
    .description('take back your own pending request')
    .argument('<request>', 'request id or Jira issue key')
    .option('--reason <text>', 'why')
    .action((reference: string, options: unknown) => perform(async (session) => {
      const body = z.object({ reason: z.string().optional() }).parse(options);
      const api = await session.signIn();
      return requestOutcome(await api.post(`/requests/${segment(await findRequestId(api, reference))}/withdraw`, shownRequest, body, session.idempotencyKey), false);
    }));
}
