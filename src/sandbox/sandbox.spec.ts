import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { ForgeIssueEvent } from './jira/event-delivery.js';
import { startSandbox } from './sandbox.js';
import { worldDataClasses, worldPeople, worldSites, worldTools } from './world.js';

const memberRows = z.array(z.object({ profile: z.object({ login: z.string() }) }));
const idRows = z.array(z.object({ id: z.string() }));

describe('sandbox', () => {
  it('starts one Okta, one Microsoft and a Jira per site, and delivers each site’s events to its own target', async () => {
    const events: [string, ForgeIssueEvent][] = [];
    let arrived: () => void = () => undefined;
    const both = new Promise<void>((resolve) => (arrived = resolve));
    const sandbox = await startSandbox({
      delivery: {
        deliverTo: (siteId) => (event) => {
          events.push([siteId, event]);
          if (events.length === 2) arrived();
          return Promise.resolve({ status: 204 });
        },
      },
    });
    try {
      const keys = [
        sandbox.jiraOf('acme').createPortalRequest({ accountId: '712020:ada-requester', snapshot: {} }).issueKey,
        sandbox.jiraOf('globex').createPortalRequest({ accountId: '712020:gina-globex-requester', snapshot: {} }).issueKey,
      ];
      await both;
      expect(events.map(([siteId, event]) => [siteId, event.issue.key])).toEqual([['acme', keys[0]], ['globex', keys[1]]]);
      const urls = [sandbox.okta.baseUrl, sandbox.entra.baseUrl, sandbox.entra.authorityHost, ...sandbox.jira.map((one) => one.baseUrl)];
      expect(new Set(urls).size).toBe(5);
      const secrets = [sandbox.okta.apiToken, sandbox.entra.clientSecret, ...sandbox.jira.map((one) => one.apiToken)];
      expect(new Set(secrets).size).toBe(4);
    } finally {
      await sandbox.stop();
    }
  });

  it('comes back under the same addresses with the same secrets and state', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'sandbox-'));
    const first = await startSandbox({ dataDir });
    const facts = (sandbox: typeof first): unknown => ({
      okta: [sandbox.okta.baseUrl, sandbox.okta.apiToken],
      entra: [sandbox.entra.baseUrl, sandbox.entra.authorityHost, sandbox.entra.caPem, sandbox.entra.clientSecret, sandbox.entra.tenantId],
      jira: sandbox.jira.map((one) => [one.siteId, one.baseUrl, one.apiToken]),
    });
    // Both sandboxes listen on the same port, so a pooled connection to the first must not be used again.
    const headers = { authorization: `SSWS ${first.okta.apiToken}`, connection: 'close' };
    const [group] = idRows.parse(await (await fetch(`${first.okta.baseUrl}/api/v1/groups?q=AI Clearance`, { headers })).json());
    const path = `${first.okta.baseUrl}/api/v1/groups/${group?.id ?? ''}/users`;
    await fetch(`${first.okta.baseUrl}/_control/members`, { method: 'POST', headers, body: JSON.stringify({ group: group?.id, user: 'ada.fontaine@acme.example' }) });
    await first.stop();
    const second = await startSandbox({ dataDir });
    try {
      expect(facts(second)).toEqual(facts(first));
      const members = memberRows.parse(await (await fetch(path, { headers })).json());
      expect(members.map((member) => member.profile.login)).toEqual(['ada.fontaine@acme.example']);
    } finally {
      await second.stop();
      rmSync(dataDir, { recursive: true });
    }
  });
});

describe('sandbox world', () => {
  it('has the people that the acceptance surface promises', () => {
    const acme = worldPeople.filter((person) => person.siteId === 'acme');
    const only = (role: string): typeof acme => acme.filter((person) => person.roles.some((one) => one === role));
    const requesters = acme.filter((person) => person.roles.join() === 'requester');
    expect(requesters.some((person) => person.oktaLogin !== undefined && person.entraUpn !== undefined)).toBe(true);
    expect(requesters.some((person) => person.oktaLogin === undefined && person.entraUpn === undefined)).toBe(true);
    expect([only('approver').length, only('admin').length, only('auditor').length]).toEqual([2, 1, 1]);
    expect(worldPeople.some((person) => person.siteId === 'globex' && person.roles.includes('requester'))).toBe(true);
  });

  it('has the tools that the acceptance surface promises, within the closed list of data classes', () => {
    const find = (key: string): unknown => worldTools.find((tool) => tool.siteId === 'acme' && tool.key === key);
    expect(find('chatgpt-enterprise')).toMatchObject({ provider: 'okta', status: 'approved', risk: 'medium' });
    expect(find('copilot-m365')).toMatchObject({ provider: 'entra', status: 'approved', risk: 'medium' });
    expect(find('claude-team')).toMatchObject({ provider: 'none', status: 'approved', risk: 'low' });
    expect(new Set(worldTools.map((tool) => tool.status))).toEqual(new Set(['approved', 'pilot', 'restricted', 'blocked', 'retired']));
    expect(worldTools.filter((tool) => tool.status === 'pilot').every((tool) => tool.pilotGroups.length > 0)).toBe(true);
    expect(worldTools.flatMap((tool) => tool.dataClasses).filter((name) => !worldDataClasses.includes(name))).toEqual([]);
  });

  it('names people uniquely and only known ones as owners and in roles', () => {
    const known = new Set(worldPeople.map((person) => `${person.siteId} ${person.accountId}`));
    expect(known.size).toBe(worldPeople.length);
    expect(worldTools.filter((tool) => !known.has(`${tool.siteId} ${tool.ownerAccountId}`))).toEqual([]);
    const inRoles = worldSites.flatMap((site) => site.project.roles.flatMap((role) => role.accountIds.map((accountId) => `${site.id} ${accountId}`)));
    expect(inRoles.filter((person) => !known.has(person))).toEqual([]);
  });

  it('keeps secrets out of the code: two sandboxes share none', async () => {
    const [one, other] = [await startSandbox({ siteIds: ['acme'] }), await startSandbox({ siteIds: ['acme'] })];
    await Promise.all([one.stop(), other.stop()]);
    expect(one.okta.apiToken).not.toBe(other.okta.apiToken);
    expect(one.entra.clientSecret).not.toBe(other.entra.clientSecret);
    expect(one.entra.caPem).not.toBe(other.entra.caPem);
    expect(one.jiraOf('acme').apiToken).not.toBe(other.jiraOf('acme').apiToken);
    expect(() => one.jiraOf('globex')).toThrow('not started');
  });

  it('keeps each vendor in a journal of whole JSON lines', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'sandbox-'));
    const sandbox = await startSandbox({ dataDir, siteIds: ['acme'] });
    await sandbox.stop();
    const journals = readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('state.jsonl'));
    expect(journals).toHaveLength(3);
    for (const name of journals) {
      const lines = readFileSync(join(dataDir, name), 'utf8').trimEnd().split('\n');
      expect(lines.every((line) => z.object({ kind: z.string() }).safeParse(JSON.parse(line)).success)).toBe(true);
    }
    rmSync(dataDir, { recursive: true });
  });
});
