/** The conformance run that an admin starts against a real tenant, tried out on the sandboxes: it must say yes to a vendor that keeps its word and no to one that does not. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { CONFORMANCE_STEPS, runConformance, type ConformanceReport } from '../../src/application/core/conformance.js';
import type { IdentityProviderPort } from '../../src/application/ports/identity-provider.port.js';
import { openEntra } from '../../src/integrations/entra/entra-provider.js';
import { openOkta } from '../../src/integrations/okta/okta-provider.js';
import { startMicrosoftSandbox } from '../../src/sandbox/microsoft/microsoft-sandbox.js';
import { startOktaSandbox } from '../../src/sandbox/okta/okta-sandbox.js';
import { worldPeople } from '../../src/sandbox/world.js';
import { vendorControl, type VendorControl } from '../support/vendor.js';

interface Bench { readonly provider: IdentityProviderPort; readonly control: VendorControl; readonly login: string; stop(): Promise<void> }

async function okta(): Promise<Bench> {
  const sandbox = await startOktaSandbox();
  const provider = openOkta({ provider: 'okta', orgUrl: sandbox.baseUrl, auth: { kind: 'apiToken', token: sandbox.apiToken } }, { allowLoopbackHttp: true })('read');
  return { provider, control: vendorControl(sandbox.baseUrl), login: worldPeople.find((person) => person.oktaLogin !== undefined)?.oktaLogin ?? '', stop: () => sandbox.stop() };
}
async function entra(): Promise<Bench> {
  const sandbox = await startMicrosoftSandbox();
  const { authorityHost, graphBaseUrl, tenantId, clientId, clientSecret } = sandbox;
  const provider = openEntra({ provider: 'entra', tenantId, clientId, authorityHost, graphBaseUrl, auth: { kind: 'clientSecret', clientSecret } }, { allowLoopbackHttp: true, extraCaPem: sandbox.caPem })('read');
  return { provider, control: vendorControl(graphBaseUrl), login: worldPeople.find((person) => person.entraUpn !== undefined)?.entraUpn ?? '', stop: () => sandbox.stop() };
}

/** Time that passes only where the run waits. */
const clock = () => {
  let nowMs = 0;
  return { now: () => nowMs, pause: (ms: number) => { nowMs += ms; return Promise.resolve(); } };
};
const outcomes = ({ steps }: ConformanceReport): Record<string, string> => Object.fromEntries(steps.filter(({ outcome }) => outcome !== 'asExpected').map(({ step, outcome }) => [step, outcome]));

describe.each([['Okta', okta], ['Microsoft Entra', entra]])('the conformance run against %s', (_name, start) => {
  let bench: Bench;
  let groupName: string;
  const run = (login = bench.login): Promise<ConformanceReport> => runConformance(bench.provider, { login, groupName }, clock());
  const members = async ({ group }: ConformanceReport): Promise<number> => {
    let count = 0;
    for await (const page of bench.provider.listMembers(group?.externalGroupId ?? '')) count += page.members.length;
    return count;
  };
  beforeAll(async () => { bench = await start(); });
  beforeEach(() => { groupName = `AI Clearance - Conformance ${randomUUID()}`; });
  afterEach(async () => {
    await bench.control.clearFaults();
    await bench.control.readLag(0);
  });
  afterAll(() => bench.stop());

  it('finds every step as expected, uses the group again the next time and leaves it empty', async () => {
    const first = await run();
    expect(outcomes(first)).toEqual({});
    expect(first.steps.map(({ step }) => step)).toEqual([...CONFORMANCE_STEPS]);
    expect(first.group?.created).toBe(true);
    const second = await run();
    expect(second.group).toEqual({ ...first.group, created: false });
    expect(await members(second)).toBe(0);
    expect(JSON.stringify([first, second])).not.toContain(bench.login);
  });

  it('says late, not wrong, where reads lag, and does not leave the test person behind', async () => {
    await run();
    await bench.control.readLag(3_600_000);
    const lagging = await run();
    expect(outcomes(lagging)['add']).toBe('notSeenInTime');
    expect(Object.values(outcomes(lagging))).not.toContain('differs');
    await bench.control.readLag(0);
    expect(await members(lagging)).toBe(0);
  });

  it('touches no group that holds somebody else', async () => {
    const group = await bench.provider.createGroup(groupName, 'x');
    const other = z.object({ id: z.string() }).parse(await bench.control.send('POST', 'users', bench.provider.provider === 'okta' ? { login: `o.${randomUUID()}@acme.example` } : { userPrincipalName: `o.${randomUUID()}@acme.example` })).id;
    await bench.provider.addMember(group.externalId, other);
    const report = await run();
    expect(outcomes(report)).toEqual({ onlyTestPerson: 'differs' });
    expect(report.steps.at(-1)?.step).toBe('onlyTestPerson');
    expect((await bench.provider.readMembership(group.externalId, other)).observed).toBe('present');
  });

  it('tells which step a vendor answers differently, and cleans up all the same', async () => {
    await run();
    await bench.control.fault({ method: 'DELETE', path: '/(users|members)/', effect: { status: 403 } });
    const report = await run();
    expect(outcomes(report)).toEqual({ remove: 'differs' });
    expect(await members(report)).toBe(0);
    expect(report.steps.find(({ step }) => step === 'remove')?.saw).toMatch(/^forbidden: /);
  });

  it('stops at once without its test person', async () => {
    expect((await run(`nobody.${randomUUID()}@acme.example`)).steps).toMatchObject([{ step: 'findPerson', outcome: 'differs', saw: 'no such person' }]);
  });
});
