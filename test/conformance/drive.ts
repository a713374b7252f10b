import { randomUUID } from 'node:crypto';
import { JiraFailure } from '../../src/application/ports/jira.port.js';
import type { JiraPort } from '../../src/application/ports/jira.port.js';
import { ProviderFailure } from '../../src/application/ports/identity-provider.port.js';
import type { IdentityProviderPort } from '../../src/application/ports/identity-provider.port.js';
import { link, paragraphs } from '../../src/integrations/jira/adf.js';

/** Failures are part of the traffic that is judged; what they mean is the contract suites' matter. */
async function either(run: Promise<unknown>): Promise<void> {
  try {
    await run;
  } catch (error) {
    if (!(error instanceof ProviderFailure) && !(error instanceof JiraFailure)) throw error;
  }
}

/** Makes a provider client send every request that it can send, also those that are refused. */
export async function driveProvider(provider: IdentityProviderPort, at: { login: string; nobody: string; noGroup: string; unmanageable: readonly string[] }): Promise<void> {
  const { externalId: user } = await provider.getUser(at.login);
  await either(provider.getUser(`no.${at.login}`));
  const name = `Conformance ${randomUUID()}`;
  const group = await provider.createGroup(name, 'Made by the conformance suite');
  await provider.findGroupsByName(name);
  await provider.getGroup(group.externalId);
  for (const [groupId, userId] of [[group.externalId, user], [group.externalId, at.nobody], [at.noGroup, user]] as const) {
    for (const step of ['read', 'add', 'add', 'read', 'list', 'remove', 'remove', 'read'] as const) await either(take(provider, step, groupId, userId));
  }
  for (const refused of at.unmanageable) {
    for (const { externalId } of await provider.findGroupsByName(refused)) await either(provider.addMember(externalId, user));
  }
  await provider.test();
}

async function take(provider: IdentityProviderPort, step: 'read' | 'add' | 'remove' | 'list', groupId: string, userId: string): Promise<void> {
  switch (step) {
    case 'read':
      await provider.readMembership(groupId, userId);
      break;
    case 'add':
      await provider.addMember(groupId, userId);
      break;
    case 'remove':
      await provider.removeMember(groupId, userId);
      break;
    case 'list':
      for await (const page of provider.listMembers(groupId)) if (page.members.length < 0) return;
      break;
  }
}

/** Makes a Jira client send every request that it can send, also those that are refused. */
export async function driveJira(jira: JiraPort, at: { projectKey: string; accountId: string; issueKeys: readonly [string, ...string[]]; propertyKey: string }): Promise<void> {
  for (const issue of [...at.issueKeys, `${at.projectKey}-999999`]) {
    await either(jira.findIssue(issue));
    await either(jira.findRequestTypeId(issue));
    await either(jira.findProperty(issue, at.propertyKey));
    await either(jira.listTransitions(issue));
    await either(jira.addComment(issue, paragraphs('Approved.', ['See ', link('the record', 'https://acme.example/r/1'), '.']), { marker: 'one', mayExist: false }));
    await either(jira.addComment(issue, paragraphs('Approved.', '', 'two\nlines'), { marker: 'one', mayExist: true }));
    await either(jira.transition(issue, '999'));
  }
  const [first] = await jira.listTransitions(at.issueKeys[0]);
  await jira.transition(at.issueKeys[0], first?.id ?? '');
  for (const project of [at.projectKey, 'NOSUCH']) {
    await either(jira.findProject(project));
    await either(jira.listIssueTypes(project));
    await either(jira.listRequestTypes(project));
    await either(jira.missingPermissions(project, ['ADD_COMMENTS', 'TRANSITION_ISSUES']));
  }
  for (const account of [at.accountId, '712020:nobody']) {
    await either(jira.listGroupNames(account));
    await either(jira.isAdministrator(account));
  }
  await jira.serverInfo();
}
