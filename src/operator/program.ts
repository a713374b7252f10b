import { Command, CommanderError } from 'commander';
import { ConfigurationProblem } from '../config/operator-env.js';
import { addSite } from './add-site.js';
import { generateSecrets } from './generate-secrets.js';
import { migrateDatabase } from './migrate-database.js';
import { rotateSecrets } from './rotate-secrets.js';
import { OperatorProblem, type OperatorContext, type Outcome } from './operator-command.js';

/** Exit codes as docs/cli.md lists them: done, refused, not understood. */
const EXIT = { ok: 0, refused: 1, usage: 2 } as const;
export interface OperatorStreams { readonly out: (text: string) => void; readonly err: (text: string) => void }

/**
 * Runs one of the operator's commands, which work on the database and its secrets directly and need rights that no process has.
 * @param args without the program's own name
 * @returns the exit code
 */
export async function runOperator(args: readonly string[], context: OperatorContext, { out, err }: OperatorStreams): Promise<number> {
  let outcome: Outcome | undefined;
  const keep = (work: (options: unknown) => Promise<Outcome>) => async (options: unknown): Promise<void> => {
    outcome = await work(options);
  };
  const isJson = args.includes('--json');
  try {
    await createOperatorProgram(context, keep, { out, err }).parseAsync(args.filter((arg) => arg !== '--json'), { from: 'user' });
    if (outcome !== undefined) out(isJson ? `${JSON.stringify(outcome.answer, null, 2)}\n` : outcome.lines.map((line) => `${line}\n`).join(''));
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (error instanceof ConfigurationProblem) {
      err(`${error.message}\n`);
      return EXIT.usage;
    }
    if (!(error instanceof OperatorProblem)) throw error;
    err([error.message, ...(error.toDo === undefined ? [] : [error.toDo]), ''].join('\n'));
    return EXIT.refused;
  }
}

type Keep = (work: (options: unknown) => Promise<Outcome>) => (options: unknown) => Promise<void>;
function createOperatorProgram(context: OperatorContext, keep: Keep, { out, err }: OperatorStreams): Command {
  const program = new Command('aiclearance').description('Set-up and upkeep of a deployment, on its database and keys (docs/operations.md).').exitOverride().configureOutput({ writeOut: out, writeErr: err });
  const db = program.command('db').description('the database').exitOverride();
  db.command('migrate').description('make roles, database and tables, or bring them up to date (ADMIN_DATABASE_URL, OWNER_DATABASE_URL, DB_PASSWORD_*)')
    .action(keep(() => migrateDatabase(context)));
  const site = program.command('site').description('tenants').exitOverride();
  site.command('add').description('register a site with its Jira, or replace its address and token (OWNER_DATABASE_URL, JIRA_SEALING_KEYS)')
    .requiredOption('--key <key>', 'short name, as it stands in workflow ids: acme')
    .requiredOption('--jira-url <url>', 'https://acme.atlassian.net, or Atlassian\'s gateway')
    .option('--jira-email <email>', 'account of the API token; without it the token is sent as a bearer')
    .option('--token-stdin', 'read the token from standard input instead of JIRA_TOKEN')
    .option('--name <name>', 'for people').option('--time-zone <zone>', 'IANA name, such as Europe/Berlin (UTC)')
    .requiredOption('--property-key <key>', 'issue property that the portal writes: the UUID in the Forge app\'s id')
    .option('--cloud-id <id>', 'of the Jira site, for the Forge app').option('--installation-id <id>', 'of the Forge app')
    .action(keep((options) => addSite(options, context)));
  const secrets = program.command('secrets').description('keys and passwords').exitOverride();
  secrets.command('generate').description('draw all secrets and write an environment file for each process')
    .option('--directory <path>', 'where the files go (here)').option('--database <address>', 'host:port/name (127.0.0.1:5432/aiclearance)')
    .action(keep((options) => generateSecrets(options)));
  secrets.command('rotate').description('bring every sealed value under the newest keys (KEEPER_DATABASE_URL, SEALING_PRIVATE_KEYS, JIRA_SEALING_KEYS)')
    .action(keep(() => rotateSecrets(context)));
  return program;
}
