import { ProviderFailure, type IdentityProviderPort, type ProviderConnection, type ProviderGroup } from '../ports/identity-provider.port.js';
import { connectorConfigContext, externalIdentityContext, externalLoginContext, loginBatchContext, SealingFailure, type SealContext } from '../ports/sealing.port.js';
import { loginHint, type CoreCallArguments, type CoreCallOrder } from './core-call.js';
import { performCoreCall, type CoreCallDeps } from './perform-core-call.js';

/** Seals that show their context and text: what matters here is which context is asked for. */
const tag = ({ siteId, kind, field }: SealContext): string => `${siteId}|${kind}|${field}|`;
const sealing = {
  seal: (at: SealContext, text: string): Promise<string> => Promise.resolve(`${tag(at)}${text}`),
  open: (at: SealContext, sealed: string): Promise<string> => (sealed.startsWith(tag(at)) ? Promise.resolve(sealed.slice(tag(at).length)) : Promise.reject(new SealingFailure('sealing.wrong_context'))),
};
const CONFIG: ProviderConnection = { provider: 'okta', orgUrl: 'https://acme.okta.com', auth: { kind: 'apiToken', token: 'canary' } };
const unasked = (): Promise<never> => Promise.reject(new Error('not asked for here'));
const provider = (over: Partial<IdentityProviderPort>): IdentityProviderPort => ({
  provider: 'okta', getUser: unasked, getGroup: unasked, findGroupsByName: unasked, createGroup: unasked, listGroupApps: unasked, readMembership: unasked, addMember: unasked, removeMember: unasked, test: unasked,
  listMembers: () => { throw new Error('not asked for here'); }, readUserStates: () => { throw new Error('not asked for here'); }, ...over,
});
const deps = (over: Partial<IdentityProviderPort>): CoreCallDeps => ({ sealing, providers: () => provider(over), identityHash: (...parts) => `hash(${parts.join(',')})` });
const order = async (call: CoreCallArguments, config: unknown = CONFIG): Promise<CoreCallOrder> =>
  ({ siteId: 'acme', connectorId: 'con-1', provider: 'okta', sealedConfig: await sealing.seal(connectorConfigContext('acme', 'con-1'), typeof config === 'string' ? config : JSON.stringify(config)), ...call });
const group = (externalId: string): ProviderGroup => ({ externalId, name: 'G', unmanageable: null });
const create = { kind: 'createGroup', name: 'G', description: 'd' } as const;

describe('core call', () => {
  it('adopts the group that appeared when the answer to its creation was lost', async () => {
    const groups: ProviderGroup[] = [];
    const lost = deps({
      findGroupsByName: () => Promise.resolve([...groups]),
      createGroup: () => { groups.push(group('new')); return Promise.reject(new ProviderFailure('unknownOutcome', 'no answer')); },
    });
    expect(await performCoreCall(lost, await order(create))).toEqual({ kind: 'group', externalGroupId: 'new', name: 'G', unmanageable: null });
  });

  it('does not guess when nothing or more than one group is there afterwards', async () => {
    for (const after of [[], [group('a'), group('b')]]) {
      const looks = [[], after];
      const unsure = deps({ findGroupsByName: () => Promise.resolve(looks.shift() ?? []), createGroup: () => Promise.reject(new ProviderFailure('unknownOutcome', 'no answer')) });
      expect(await performCoreCall(unsure, await order(create))).toEqual({ kind: 'failed', failure: 'unknownOutcome', detail: 'no answer' });
    }
  });

  it.each([
    ['no JSON', 'canary is not JSON'],
    ['another provider\'s', { provider: 'entra', tenantId: 't', clientId: 'c', auth: { kind: 'clientSecret', clientSecret: 'canary' } }],
    ['without its credential', { provider: 'okta', orgUrl: 'https://acme.okta.com', auth: { kind: 'apiToken' } }],
  ])('says that a configuration that is %s can\'t be read, and nothing of what it holds', async (_what, config) => {
    const result = await performCoreCall(deps({}), await order({ kind: 'testConnector' }, config));
    expect(result).toMatchObject({ kind: 'failed', failure: 'configurationUnreadable' });
    expect(JSON.stringify(result)).not.toContain('canary');
  });

  it('refuses a configuration that was sealed for another connector', async () => {
    const moved = { ...await order({ kind: 'testConnector' }), connectorId: 'con-2' };
    expect(await performCoreCall(deps({}), moved)).toMatchObject({ kind: 'failed', failure: 'configurationUnreadable' });
  });

  it('resolves a sealed login to a sealed id, its hash and a hint', async () => {
    const found = deps({ getUser: (login) => Promise.resolve({ externalId: '00u1', login, state: 'active' }) });
    const sealedLogin = await sealing.seal(externalLoginContext('acme', 'con-1'), 'ada@acme.example');
    expect(await performCoreCall(found, await order({ kind: 'resolveIdentity', sealedLogin }))).toEqual({
      kind: 'identity', externalId: '00u1', identityHash: 'hash(acme,okta,00u1)', sealed: await sealing.seal(externalIdentityContext('acme', 'con-1'), '00u1'), loginHint: 'a•••@acme.example', state: 'active',
    });
    // An id in the place of a login would let whoever can write the record choose whom it resolves to.
    const swapped = await order({ kind: 'resolveIdentity', sealedLogin: await sealing.seal(externalIdentityContext('acme', 'con-1'), '00u2') });
    expect(await performCoreCall(found, swapped)).toMatchObject({ kind: 'failed' });
  });

  it('says of a call that found no room in the budget that it was never made', async () => {
    const busy = new ProviderFailure('retryable', 'nothing was sent', { retryAfterMs: 700, paced: true });
    expect(await performCoreCall(deps({ getGroup: () => Promise.reject(busy) }), await order({ kind: 'bindGroup', externalGroupId: 'g' }))).toEqual({ kind: 'failed', failure: 'retryable', detail: 'nothing was sent', retryAfterMs: 700, paced: true });
    const reads = [Promise.resolve({ observed: 'present' as const, readAt: '2026-03-10T12:00:00.000Z' }), Promise.reject(busy)];
    const people = await Promise.all(['a', 'b', 'c'].map(async (id) => ({ identityHash: id, identityConnectorId: 'con-1', sealedIdentity: await sealing.seal(externalIdentityContext('acme', 'con-1'), id) })));
    expect(await performCoreCall(deps({ readMembership: () => reads.shift() ?? unasked() }), await order({ kind: 'readMembers', externalGroupId: 'g', people }))).toEqual({
      kind: 'memberReads', reads: [{ identityHash: 'a', observed: 'present', readAt: '2026-03-10T12:00:00.000Z', code: 'read' }], retryAfterMs: 700, paced: true,
    });
  });

  describe('looking up a batch of logins', () => {
    const logins = Array.from({ length: 12 }, (_none, n) => `user-${n}@acme.example`);
    const batch = async (over: Partial<IdentityProviderPort>, places = logins.map((_login, place) => place)) =>
      performCoreCall(deps(over), await order({ kind: 'resolveIdentities', places, sealedLogins: await sealing.seal(loginBatchContext('acme', 'con-1'), JSON.stringify(logins)) }));
    const found = (login: string) => Promise.resolve({ externalId: `00${login}`, login, state: 'active' as const });

    it('answers each wanted place, and says of one login alone what is wrong with it', async () => {
      const result = await batch({ getUser: (login) => (login === logins[3] ? Promise.reject(new ProviderFailure('userNotFound', 'nobody')) : login === logins[7] ? Promise.reject(new ProviderFailure('rejected', 'malformed')) : found(login)) }, [3, 5, 7]);
      expect(result).toEqual({ kind: 'identities', retryAfterMs: null, identities: [
        { place: 3, identity: null, failure: { kind: 'userNotFound', detail: 'nobody' } },
        { place: 5, failure: null, identity: { identityHash: 'hash(acme,okta,00user-5@acme.example)', sealed: await sealing.seal(externalIdentityContext('acme', 'con-1'), '00user-5@acme.example'), loginHint: 'u•••@acme.example', state: 'active' } },
        { place: 7, identity: null, failure: { kind: 'rejected', detail: 'malformed' } },
      ] });
    });

    it('stops where the provider asks for a pause, with what it knows by then', async () => {
      let calls = 0;
      const result = await batch({ getUser: (login) => ((calls += 1) > 6 ? Promise.reject(new ProviderFailure('retryable', 'busy', { retryAfterMs: 700 })) : found(login)) });
      expect(result).toMatchObject({ kind: 'identities', retryAfterMs: 700 });
      expect(result.kind === 'identities' ? result.identities.map(({ place }) => place) : []).toEqual([0, 1, 2, 3, 4, 5]);
      expect(calls).toBe(8);
    });

    it('lays no answer that its contract does not name at the door of a login: a proxy\'s page may stand before all of them', async () => {
      const page = new ProviderFailure('invalidAnswer', 'a web page');
      expect(await batch({ getUser: () => Promise.reject(page) })).toEqual({ kind: 'failed', failure: 'invalidAnswer', detail: 'a web page' });
      const result = await batch({ getUser: (login) => (login === logins[1] ? Promise.reject(page) : found(login)) });
      expect(result.kind === 'identities' ? result.identities.map(({ place }) => place) : []).toEqual([0, 2, 3]);
    });

    it('fails as a whole where the very first call does, and opens nothing but a batch', async () => {
      expect(await batch({ getUser: () => Promise.reject(new ProviderFailure('unauthorized', 'no')) })).toEqual({ kind: 'failed', failure: 'unauthorized', detail: 'no' });
      const alone = await order({ kind: 'resolveIdentities', places: [0], sealedLogins: await sealing.seal(externalLoginContext('acme', 'con-1'), '["a"]') });
      expect(await performCoreCall(deps({ getUser: found }), alone)).toMatchObject({ kind: 'failed', failure: 'configurationUnreadable' });
    });
  });

  it('throws what is nobody\'s answer, so that the engine tries again', async () => {
    const broken = deps({ test: () => Promise.reject(new Error('a bug')) });
    await expect(performCoreCall(broken, await order({ kind: 'testConnector' }))).rejects.toThrow('a bug');
  });

  it.each([['ada@acme.example', 'a•••@acme.example'], ['ada', 'a•••'], ['@odd', '•••@odd'], ['', '•••']])('hints at "%s" as "%s"', (login, hint) => {
    expect(loginHint(login)).toBe(hint);
  });
});
