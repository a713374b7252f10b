import type { Command } from 'commander';
import { z } from 'zod';
import { shownBulk, shownRequest } from '../answers.js';
import { CliProblem } from '../cli-problem.js';
import { EXIT } from '../exit-codes.js';
import { list, withPaging } from '../listing.js';
import { wholeNumber, type Perform } from '../options.js';
import { REQUEST_HEAD, requestRow } from '../print/request-lines.js';
import { table } from '../print/table.js';
import { findRequestId, issueKeyOf, segment } from '../references.js';
import type { Session } from '../session.js';
import { requestOutcome } from './requests.commands.js';

type Verdict = 'approve' | 'deny';
const given = z.object({ comment: z.string().optional(), days: z.number().optional() });

export function addDecisionCommands(program: Command, perform: Perform): void {
  withPaging(program.command('approvals'))
    .description('list the requests that wait for your decision')
    .action((options: unknown) => perform(async (session) => list(await session.signIn(), { path: '/me/approvals', item: shownRequest, options, head: REQUEST_HEAD, row: requestRow })));

  single(program, 'approve', perform).option('--days <n>', 'for fewer days than asked', wholeNumber);
  single(program, 'deny', perform);
  bulk(program, 'approve', perform);
  bulk(program, 'deny', perform);
}

function single(program: Command, decision: Verdict, perform: Perform): Command {
  return program
    .command(decision)
    .description(`${decision} a request`)
    .argument('<request>', 'request id or Jira issue key')
    .option('--comment <text>', 'goes to the ticket and the record')
    .action((reference: string, options: unknown) => perform(async (session) => {
      const { comment, days: durationDays } = given.parse(options);
      const api = await session.signIn();
      const path = `/requests/${segment(await findRequestId(api, reference))}/decisions`;
      const request = await api.post(path, shownRequest, { decision, comment, durationDays }, session.idempotencyKey);
      // Policy may deny by now what a person approves (SPEC P4); denied as asked is a success.
      return requestOutcome(request, decision === 'approve' && request.decision === 'denied');
    }));
}

function bulk(program: Command, decision: Verdict, perform: Perform): void {
  program
    .command(`bulk-${decision}`)
    .description(`${decision} up to 50 requests, each with its own result`)
    .argument('<request...>', 'Jira issue keys, or request ids')
    .option('--comment <text>', 'goes to each ticket and the record')
    .action((references: readonly string[], options: unknown) => perform((session) => decideAll(session, decision, references, given.parse(options).comment)));
}

async function decideAll(session: Session, decision: Verdict, references: readonly string[], comment: string | undefined) {
  const issueKeys = references.map(issueKeyOf).filter((key) => key !== null);
  if (issueKeys.length > 0 && issueKeys.length < references.length) throw CliProblem.of(EXIT.usage, 'cli.usage', 'Issue keys and request ids can\'t be mixed.', 'Say either all keys or all ids.');
  const named = issueKeys.length > 0 ? { issueKeys } : { requestIds: references };
  const answer = await (await session.signIn()).post('/requests/bulk-decisions', shownBulk, { ...named, decision, comment }, session.idempotencyKey);
  const isRefused = answer.results.some(({ status }) => status >= 400);
  const rows = answer.results.map(({ issueKey, requestId, status, code, detail }) => [issueKey, requestId, status < 400 ? 'done' : 'refused', code, detail]);
  return { answer, lines: table(['issue', 'request', 'result', 'code', 'why'], rows), exitCode: isRefused ? EXIT.refused : EXIT.ok };
}
