import { Option, type Command } from 'commander';
import { z } from 'zod';
import { MASS_ACTION_STATUSES } from '../../domain/mass-action/mass-action.js';
import { BLOCK_SCOPES, BLOCK_SOURCES } from '../../domain/policy/block.js';
import { pageOf, shownKillSwitch, shownKillSwitchItem } from '../answers.js';
import { confirmed, YES } from '../confirmation.js';
import { CliProblem } from '../cli-problem.js';
import { EXIT } from '../exit-codes.js';
import { list, withPaging } from '../listing.js';
import type { Perform } from '../options.js';
import { fields, table } from '../print/table.js';
import { segment } from '../references.js';
import type { Outcome, Session } from '../session.js';

type Shown = z.infer<typeof shownKillSwitch>;
type Item = z.infer<typeof shownKillSwitchItem>;
const ITEM_HEAD = ['request', 'kind', 'tool', 'of', 'outcome', 'grant', 'evidence', 'given back'] as const;
const itemRow = ({ requestId, kind, toolKey, accountId, outcome, grantStatus, endEvidence, restoreOutcome }: Item) => [requestId, kind, toolKey, accountId, outcome, grantStatus, endEvidence, restoreOutcome];
/** Items that a dry run prints beside its counts. */
const PRINTED = 200;

const linesOf = (view: Shown): readonly string[] => fields([
  ['kill switch', `${view.id}, ${view.mode === 'dryRun' ? 'dry run: nothing was ended' : view.status}`],
  ['reaches', `${view.scope} ${view.key}${view.source === 'leaver' ? ', a person who left' : ''}`],
  ['reason', view.reason],
  ['grants', `${view.counts.total}, of which ${view.counts.verifiedAbsent} verified absent, ${view.counts.held} held by other access, ${view.counts.pending} pending`],
  ['pending requests', `${view.counts.requests}, of which ${view.counts.requestsClosed} closed`],
  ['restored', view.restoreStatus === 'none' ? undefined : `${view.restoreStatus}: ${view.counts.restored} given back, ${view.counts.restoreRefused} refused, ${view.counts.restoreWaiting} wait for another block to end`],
  ['workflow', view.workflowId ?? undefined],
]);

/** A person is reached under all accounts of one mapped identity: those that nobody named are said, so that a wrong mapping is seen before it ends anything. */
function otherAccounts({ scope, key }: Pick<Shown, 'scope' | 'key'>, items: readonly Item[]): readonly string[] {
  const others = [...new Set(items.map(({ accountId }) => accountId))].filter((accountId) => accountId !== key);
  return scope !== 'person' || others.length === 0 ? [] : [`Of the same person under ${others.length} other ${others.length === 1 ? 'account' : 'accounts'} above: ${others.join(', ')}`];
}

/** Kill switches and leavers' cases (SPEC G6, G8). Nothing is ended or given back without `--yes`. */
export function addKillSwitchCommands(program: Command, perform: Perform): void {
  const killSwitch = program.command('kill-switch').description('end all access to a tool, through a connector or of a person, verified; and give it back');
  killSwitch
    .command('start')
    .description('a dry run, which lists what would end and changes nothing; with --execute --yes it ends it')
    .option('--tool <key>', 'every grant of this tool')
    .option('--connector <id>', 'every grant through this connector')
    .option('--person <accountId>', 'every grant of this person, under each account mapped to the same identity')
    .requiredOption('--reason <text>', 'why; shown to the people whose access ends')
    .option('--execute', 'do it, and block new access until it is restored')
    .option(...YES)
    .action((options: unknown) => perform((session) => start(session, options)));
  withPaging(killSwitch.command('list'))
    .description('kill switches and leavers\' cases, newest first')
    .addOption(new Option('--status <status>', 'only in this status').choices(MASS_ACTION_STATUSES))
    .addOption(new Option('--scope <scope>', 'only of this kind').choices(BLOCK_SCOPES))
    .addOption(new Option('--source <source>', 'only those of admins, or of leavers').choices(BLOCK_SOURCES))
    .option('--key <key>', 'only of this tool, connector or person')
    .action((options: unknown) => perform(async (session) => list(await session.signIn(), {
      path: '/kill-switches', item: shownKillSwitch, options, head: ['kill switch', 'reaches', 'mode', 'status', 'grants', 'absent', 'pending', 'restore', 'since'],
      row: ({ id, scope, key, mode, status, counts, restoreStatus, createdAt }) => [id, `${scope} ${key}`, mode, status, counts.total, counts.verifiedAbsent, counts.pending, restoreStatus, createdAt],
    })));
  killSwitch
    .command('show')
    .description('how far it is; exits 1 while something that was to end is not verified absent')
    .argument('<id>', 'id of the kill switch')
    .action((id: string) => perform(async (session) => {
      const view = await (await session.signIn()).get(`/kill-switches/${segment(id)}`, shownKillSwitch);
      return { answer: view, lines: linesOf(view), exitCode: view.mode === 'execute' && view.status === 'running' ? EXIT.refused : EXIT.ok };
    }));
  withPaging(killSwitch.command('items'))
    .description('every grant and request that it reaches, with what came of it')
    .argument('<id>', 'id of the kill switch')
    .action((id: string, options: unknown) => perform(async (session) => list(await session.signIn(), { path: `/kill-switches/${segment(id)}/items`, item: shownKillSwitchItem, options, head: ITEM_HEAD, row: itemRow })));
  change(killSwitch.command('restore').description('stop blocking, and give back the time that was left'), 'restore', 'Restoring gives access back to people.', perform);
  change(killSwitch.command('confirm').description('go on with a leaver\'s case that the mass-loss breaker holds'), 'confirm', 'Confirming ends all access of that person.', perform);
}

async function start(session: Session, options: unknown): Promise<Outcome> {
  const { reason, execute, yes, ...target } = z.object({ tool: z.string().optional(), connector: z.string().optional(), person: z.string().optional(), reason: z.string(), execute: z.boolean().optional(), yes: z.boolean().optional() }).parse(options);
  const [named, second] = BLOCK_SCOPES.flatMap((scope) => (target[scope] === undefined ? [] : [{ scope, key: target[scope] }]));
  if (named === undefined || second !== undefined) throw CliProblem.of(EXIT.usage, 'cli.usage', 'Say what to stop.', 'One of --tool, --connector and --person.');
  if (execute === true) confirmed(yes, `This ends all access of ${named.scope} ${named.key} and blocks new access.`, 'Look at the dry run, which is the same without --execute; then add --yes.');
  const api = await session.signIn();
  const view = await api.post('/kill-switches', shownKillSwitch, { ...named, reason, mode: execute === true ? 'execute' : 'dryRun' }, session.idempotencyKey);
  if (execute === true) return { answer: view, lines: [...linesOf(view), `How far it is: aiclearance kill-switch show ${view.id}`] };
  const reached = await api.get(`/kill-switches/${segment(view.id)}/items`, pageOf(shownKillSwitchItem), { limit: PRINTED });
  const rest = reached.nextCursor === null ? [] : [`More: aiclearance kill-switch items ${view.id} --all`];
  return { answer: { ...view, items: reached.items, nextCursor: reached.nextCursor }, lines: [...linesOf(view), ...(reached.items.length === 0 ? [] : table(ITEM_HEAD, reached.items.map(itemRow))), ...otherAccounts(view, reached.items), ...rest, 'To do it: the same with --execute --yes.'] };
}

function change(command: Command, verb: 'restore' | 'confirm', what: string, perform: Perform): void {
  command
    .argument('<id>', 'id of the kill switch')
    .option(...YES)
    .action((id: string, { yes }: { yes?: boolean }) => perform(async (session) => {
      confirmed(yes, what, `Look at aiclearance kill-switch items ${id}; then add --yes.`);
      const view = await (await session.signIn()).post(`/kill-switches/${segment(id)}/${verb}`, shownKillSwitch, {}, session.idempotencyKey);
      return { answer: view, lines: linesOf(view) };
    }));
}
