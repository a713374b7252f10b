import { Option, type Command } from 'commander';
import { z } from 'zod';
import { TOOL_STATUSES } from '../../domain/policy/policy.js';
import { shownMe, shownTool } from '../answers.js';
import { list, withPaging } from '../listing.js';
import type { Perform } from '../options.js';
import { fields } from '../print/table.js';

/** Who one is, and what one may ask for. */
export function addCatalogCommands(program: Command, perform: Perform): void {
  program
    .command('whoami')
    .description('show who you are and what you may do')
    .action(() => perform(async (session) => {
      const me = await (await session.signIn()).get('/me', shownMe);
      const abilities = Object.entries(me.abilities).map(([name, { allowed, reason }]): [string, string] => [name, allowed ? 'yes' : `no${reason === undefined ? '' : `: ${reason}`}`]);
      return { answer: me, lines: fields([['account', me.accountId], ['name', me.displayName], ['site', me.siteId], ['roles', me.roles.join(', ')], ['approves for', me.approverOf.join(', ')], ['licence', me.licence], ...abilities]) };
    }));

  withPaging(program.command('tools'))
    .description('list the catalog')
    .addOption(new Option('--status <status>', 'only in this status').choices(TOOL_STATUSES))
    .addOption(new Option('--provider <provider>', 'only of this provider').choices(['none', 'okta', 'entra']))
    .action((options: unknown) => perform(async (session) =>
      list(await session.signIn(), {
        path: '/tools', item: shownTool, options: z.looseObject({}).parse(options), head: ['tool', 'name', 'vendor', 'status', 'requestable', 'risk', 'max days', 'provider', 'roles'],
        row: (tool) => [tool.key, tool.name, tool.vendor, tool.status, tool.requestable ? 'yes' : 'no', tool.risk, tool.maxDurationDays, tool.provider, tool.roles.length === 0 ? null : tool.roles.map(({ key, risk, requestable }) => `${key} (${requestable ? risk : 'closed'})`).join(', ')],
      })));
}
