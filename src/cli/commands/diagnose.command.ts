import type { Command } from 'commander';
import { shownDiagnosis } from '../answers.js';
import { CliProblem } from '../cli-problem.js';
import { EXIT } from '../exit-codes.js';
import type { Perform } from '../options.js';
import { issueKeyOf, segment } from '../references.js';

const MARKS: Readonly<Record<string, string>> = { ok: 'ok', problem: 'fail', unknown: '?', notApplicable: '-' };
const markOf = (ok: boolean | null): string => (ok === null ? '?' : ok ? 'ok' : 'fail');

/** The reference's troubleshooting list, answered for one issue (SPEC O1). A symptom with a problem makes it a bad answer. */
export function addDiagnoseCommand(program: Command, perform: Perform): void {
  program
    .command('diagnose')
    .description('answer the seven troubleshooting symptoms for one Jira issue, from what is so now')
    .argument('<issueKey>', 'Jira issue key')
    .action((reference: string) => perform(async (session) => {
      const issueKey = issueKeyOf(reference);
      if (issueKey === null) throw CliProblem.of(EXIT.usage, 'cli.usage', `"${reference}" is no Jira issue key.`);
      const answer = await (await session.signIn()).get(`/diagnoses/${segment(issueKey)}`, shownDiagnosis);
      const lines = answer.symptoms.flatMap(({ title, verdict, looks }) => [
        `${(MARKS[verdict] ?? verdict).padEnd(5)} ${title}`,
        ...looks.flatMap(({ ok, saw, toDo }) => [`        ${(verdict === 'notApplicable' ? '-' : markOf(ok)).padEnd(5)} ${saw}`, ...(toDo === null ? [] : [`              ${toDo}`])]),
      ]);
      return { answer, lines, exitCode: answer.symptoms.some(({ verdict }) => verdict === 'problem') ? EXIT.refused : EXIT.ok };
    }));
}
