import { Option, type Command } from 'commander';
import { z } from 'zod';
import { entitlementName } from '../../domain/catalog/entitlement.js';
import { FINDING_KINDS, FINDING_STATES, RESOLVE_ACTIONS } from '../../domain/reconciliation/finding.js';
import { pageOf, shownCompared, shownFinding, shownReconciliation } from '../answers.js';
import { confirmed, YES } from '../confirmation.js';
import { CliProblem } from '../cli-problem.js';
import { EXIT } from '../exit-codes.js';
import { list, withPaging } from '../listing.js';
import type { Perform } from '../options.js';
import { fields, table } from '../print/table.js';
import { segment } from '../references.js';
import type { Outcome, Session } from '../session.js';

type Shown = z.infer<typeof shownReconciliation>;
const RESPONSES: Readonly<Record<string, string>> = { report: 'a finding', quarantine: 'a finding that waits for an admin', revert: 'taken out of the group' };

function linesOf({ id, connectorId, status, trigger, counts, failure, startedAt, endedAt, groups }: Shown): readonly string[] {
  const troubled = groups.filter(({ held, error }) => held !== null || error !== null);
  const shown = fields([
    ['reconciliation', `${id}, ${status}`], ['connector', connectorId], ['asked by', trigger], ['read', `${counts.groups} groups, ${counts.members} members`],
    ['differences', `${counts.confirmed} confirmed of ${counts.differences}; ${counts.findings} new findings, ${counts.removed} removed, ${counts.revoked} revoked, ${counts.held} held`],
    ['failure', failure ?? undefined], ['started', startedAt], ['ended', endedAt],
  ]);
  return troubled.length === 0 ? shown : [...shown, ...table(['group', 'state', 'held', 'members', 'error'], troubled.map((group) => [group.externalGroupId, group.state, group.held, group.members, group.error]))];
}

/** Comparing groups with grants, and what that found (SPEC D1–D4). */
export function addReconcileCommands(program: Command, perform: Perform): void {
  const reconcile = program.command('reconcile').description('compare the groups at the provider with the grants');
  reconcile
    .command('start')
    .description('lists what would be compared and what becomes of a difference; with --yes it compares')
    .option('--connector <id>', 'every group of this connector')
    .option('--tool <key>', 'the group of this tool')
    .option(...YES)
    .action((options: unknown) => perform((session) => start(session, options)));
  withPaging(reconcile.command('list'))
    .description('runs, newest first')
    .option('--connector <id>', 'only of this connector')
    .addOption(new Option('--status <status>', 'only in this status').choices(['running', 'done', 'stopped', 'failed']))
    .action((options: unknown) => perform(async (session) => {
      const { connector: connectorId, ...rest } = z.looseObject({}).parse(options);
      return list(await session.signIn(), {
        path: '/reconciliations', item: shownReconciliation, options: { ...rest, connectorId }, head: ['run', 'connector', 'status', 'members', 'confirmed', 'findings', 'removed', 'started'],
        row: ({ id, connectorId: connector, status, counts, startedAt }) => [id, connector, status, counts.members, counts.confirmed, counts.findings, counts.removed, startedAt],
      });
    }));
  reconcile
    .command('show')
    .description('how far a run is; exits 1 when it stopped or failed')
    .argument('<id>', 'id of the run')
    .action((id: string) => perform(async (session) => {
      const view = await (await session.signIn()).get(`/reconciliations/${segment(id)}`, shownReconciliation);
      return { answer: view, lines: linesOf(view), exitCode: view.status === 'stopped' || view.status === 'failed' ? EXIT.refused : EXIT.ok };
    }));
  addFindingCommands(program, perform);
}

function addFindingCommands(program: Command, perform: Perform): void {
  withPaging(program.command('findings'))
    .description('what was found that nobody decided')
    .addOption(new Option('--state <state>', 'only in this state').choices(FINDING_STATES))
    .addOption(new Option('--kind <kind>', 'only of this kind').choices(FINDING_KINDS))
    .option('--tool <key>', 'only of this tool')
    .option('--connector <id>', 'only of this connector')
    .option('--account <accountId>', 'only about this person')
    .action((options: unknown) => perform(async (session) => {
      const { tool: toolKey, connector: connectorId, account: accountId, ...rest } = z.looseObject({}).parse(options);
      return list(await session.signIn(), {
        path: '/findings', item: shownFinding, options: { ...rest, toolKey, connectorId, accountId }, head: ['finding', 'kind', 'tool', 'group', 'who', 'state', 'response', 'last seen'],
        row: (finding) => [finding.id, finding.kind, finding.toolKey, finding.externalGroupId, finding.accountId ?? finding.loginHint, finding.state, finding.response, finding.lastSeenAt],
      });
    }));
  program
    .command('resolve')
    .description('say what becomes of a finding; a repair changes groups and needs --yes')
    .argument('<finding>', 'id of the finding')
    .addOption(new Option('--action <action>', 'accept it, have it put right, or put it aside').choices(RESOLVE_ACTIONS).makeOptionMandatory())
    .option('--note <text>', 'why, for the record')
    .option(...YES)
    .action((id: string, options: unknown) => perform(async (session) => {
      const { action, note, yes } = z.object({ action: z.string(), note: z.string().optional(), yes: z.boolean().optional() }).parse(options);
      if (action === 'repair') confirmed(yes, 'A repair takes people out of a group, or lets a held run go on.', 'Look at aiclearance findings --state open; then add --yes.');
      const finding = await (await session.signIn()).post(`/findings/${segment(id)}/resolve`, shownFinding, { action, note }, session.idempotencyKey);
      return { answer: finding, lines: fields([['finding', `${finding.id}, ${finding.kind}`], ['state', finding.state], ['tool', finding.toolKey], ['who', finding.accountId ?? finding.loginHint]]) };
    }));
}

async function start(session: Session, options: unknown): Promise<Outcome> {
  const { connector: connectorId, tool: toolKey, yes } = z.object({ connector: z.string().optional(), tool: z.string().optional(), yes: z.boolean().optional() }).parse(options);
  if (connectorId !== undefined && toolKey !== undefined) throw CliProblem.of(EXIT.usage, 'cli.usage', 'A connector or a tool, not both.', 'One of --connector and --tool, or neither where there is one connector.');
  const api = await session.signIn();
  if (yes === true) {
    const view = await api.post('/reconciliations', shownReconciliation, { connectorId, toolKey }, session.idempotencyKey);
    return { answer: view, lines: [...linesOf(view), `How far it is: aiclearance reconcile show ${view.id}`] };
  }
  const { items, nextCursor } = await api.get('/tools', pageOf(shownCompared), { limit: 200 });
  const compared = items.filter((tool) => (toolKey === undefined || tool.key === toolKey) && (connectorId === undefined || tool.connectorId === connectorId)).flatMap(groupsOf);
  const lines = compared.length === 0 ? ['No group would be compared.'] : table(['tool', 'connector', 'group', 'who is there without a grant is'], compared.map((of) => [of.entitlement, of.connectorId, of.group, RESPONSES[of.driftResponse] ?? of.driftResponse]));
  return { answer: { items: compared, nextCursor }, lines: [...lines, ...(nextCursor === null ? [] : ['There are more tools than are shown.']), 'Whose access has ended and who is still there is taken out of the group in any case. Nothing was started; to compare: the same with --yes.'] };
}

/** The groups of one tool: its own, and its roles'. */
const groupsOf = ({ key, connectorId, driftResponse, entitlementGroup, roles }: z.infer<typeof shownCompared>) =>
  [{ key: null, entitlementGroup }, ...roles].flatMap(({ key: roleKey, entitlementGroup: group }) => (group === null ? [] : [{ entitlement: entitlementName({ toolKey: key, roleKey }), connectorId, group: group.name, driftResponse }]));
