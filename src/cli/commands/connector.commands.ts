import type { Command } from 'commander';
import { shownConformance, shownConnectorTest } from '../answers.js';
import { LONG_PATIENCE_MS } from '../api-client.js';
import { EXIT } from '../exit-codes.js';
import type { Perform } from '../options.js';
import { fields, table } from '../print/table.js';

const path = (id: string, what: string): string => `/connectors/${encodeURIComponent(id)}/${what}`;

export function addConnectorCommands(program: Command, perform: Perform): void {
  const connector = program.command('connector').description('the connectors to Okta and Microsoft Entra');
  connector
    .command('test')
    .description('ask the provider what the credential may do')
    .requiredOption('--connector <id>', 'id of the connector')
    .action(({ connector: id }: { connector: string }) => perform(async (session) => {
      const answer = await (await session.signIn()).post(path(id, 'test'), shownConnectorTest, {}, session.idempotencyKey);
      const lines = [
        ...fields([['test', answer.ok ? 'passed' : 'failed'], ['failure', answer.failure === null ? undefined : `${answer.failure.code}: ${answer.failure.detail}`]]),
        ...table(['ability', 'ok', 'detail', 'see'], answer.abilities.map(({ ability, ok, detail, documentation }) => [ability, ok ? 'yes' : 'no', detail, documentation])),
      ];
      return { answer, lines, exitCode: answer.ok ? EXIT.ok : EXIT.refused };
    }));
  connector
    .command('conformance')
    .description('try out on the real tenant what the product relies on: adds a test person to a scratch group and removes them again')
    .requiredOption('--connector <id>', 'id of the connector')
    .requiredOption('--login <login>', 'login of a test person at the provider, who may be added to and removed from the scratch group')
    .option('--group <name>', 'name of the scratch group, "AI Clearance - Conformance…"; made when it is not there, and left empty')
    .action(({ connector: id, login, group }: { connector: string; login: string; group?: string }) => perform(async (session) => {
      const body = { login, ...(group === undefined ? {} : { groupName: group }) };
      const answer = await (await session.signIn()).post(path(id, 'conformance'), shownConformance, body, session.idempotencyKey, LONG_PATIENCE_MS);
      const lines = [
        ...fields([
          ['tenant', `${answer.provider}, connector ${answer.connectorId}`],
          ['conforms', answer.conforms ? 'yes' : 'no: a step differs from what the product relies on'],
          ['group', answer.group === null ? null : `${answer.group.name} (${answer.group.externalGroupId}), ${answer.group.created ? 'made, and left empty' : 'found, and left empty'}`],
        ]),
        ...table(['step', 'outcome', 'ms', 'expected', 'saw'], answer.steps.map(({ step, outcome, tookMs, expected, saw }) => [step, outcome, String(Math.round(tookMs)), expected, saw])),
      ];
      return { answer, lines, exitCode: answer.conforms ? EXIT.ok : EXIT.refused };
    }));
}
