import { Command } from 'commander';
import { addAuditCommands } from './commands/audit.commands.js';
import { addConnectorCommands } from './commands/connector.commands.js';
import { addCatalogCommands } from './commands/catalog.commands.js';
import { addDiagnoseCommand } from './commands/diagnose.command.js';
import { addDecisionCommands } from './commands/decisions.commands.js';
import { addDoctorCommand } from './commands/doctor.command.js';
import { addGrantCommands } from './commands/grants.commands.js';
import { addKillSwitchCommands } from './commands/kill-switch.commands.js';
import { addMappingCommands } from './commands/mapping.commands.js';
import { addReconcileCommands } from './commands/reconcile.commands.js';
import { addRequestCommands } from './commands/requests.commands.js';
import { addWorkCommands } from './commands/work.commands.js';
import type { Perform } from './options.js';
import { DEFAULT_URL } from './session.js';

export interface Streams { readonly out: (text: string) => void; readonly err: (text: string) => void }

/** All commands. Commander throws instead of exiting; its usage messages go to `err`. */
export function createProgram(perform: Perform, { out, err }: Streams, version: string): Command {
  const program = new Command('aiclearance')
    .description('Governance of access to AI tools. Every command talks to the HTTP API; what it may do is decided there.')
    .version(version)
    .option('--url <url>', `base URL of the API (AICLEARANCE_URL, else ${DEFAULT_URL})`)
    .option('--as <accountId>', 'sign in as one of the sandbox\'s people; elsewhere put a token into AICLEARANCE_TOKEN')
    .option('--json', 'print the API\'s answer, and problems as problem+json')
    .option('--idempotency-key <key>', 'repeat a command whose outcome is not known, without doing it twice')
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: err })
    .addHelpText('after', '\nFor operators, on database and keys directly: aiclearance db --help, site --help, secrets --help.\nExit codes: 0 done, 1 refused or a bad answer, 2 not understood, 3 not available, 4 not signed in or not allowed.');
  addRequestCommands(program, perform);
  addDecisionCommands(program, perform);
  addGrantCommands(program, perform);
  addWorkCommands(program, perform);
  addCatalogCommands(program, perform);
  addConnectorCommands(program, perform);
  addMappingCommands(program, perform);
  addKillSwitchCommands(program, perform);
  addReconcileCommands(program, perform);
  addAuditCommands(program, perform);
  addDiagnoseCommand(program, perform);
  addDoctorCommand(program, perform);
  return program;
}
