import { randomBytes } from 'node:crypto';
import { connectorConfigContext, externalIdentityContext, jiraCredentialContext, SealingFailure, type SealContext, type Unsealer } from '../../application/ports/sealing.port.js';
import { createSealer, createUnsealer, generateSealingKeys } from './asymmetric-sealing.js';
import { createIdentityHash } from './identity-hash.js';
import { createSymmetricSealing } from './symmetric-sealing.js';

const context = connectorConfigContext('acme', 'con-1');
const key = (): string => randomBytes(32).toString('base64url');
const failureOf = async (unsealer: Unsealer, at: SealContext, sealed: string): Promise<string> => {
  const failure: unknown = await unsealer.open(at, sealed).catch((error: unknown) => error);
  return failure instanceof SealingFailure ? failure.code : `not refused: ${String(failure)}`;
};

describe('sealing towards the core worker', () => {
  it('opens with the private half what the public half sealed', async () => {
    const keys = await generateSealingKeys();
    const sealed = await (await createSealer(keys.publicJwks)).seal(context, '{"token":"canary-ä"}');
    expect(await (await createUnsealer(keys.privateJwks)).open(context, sealed)).toBe('{"token":"canary-ä"}');
    expect(sealed.split('.')).toHaveLength(5);
    expect(sealed).not.toContain('canary');
  });

  it('gives the API and the governance worker nothing that opens', async () => {
    const keys = await generateSealingKeys();
    const sealer = await createSealer(keys.publicJwks);
    expect(Object.keys(sealer)).toEqual(['seal']);
    await expect(createUnsealer(keys.publicJwks)).rejects.toThrow('lacks the private half');
    expect(keys.publicJwks).not.toContain('"d"');
  });

  it('refuses to start a sealing process that was handed the private half', async () => {
    const keys = await generateSealingKeys();
    await expect(createSealer(keys.privateJwks)).rejects.toThrow('must not be able to open');
  });

  it.each([
    ['another site', connectorConfigContext('globex', 'con-1')],
    ['another connector', connectorConfigContext('acme', 'con-2')],
    ['another kind', externalIdentityContext('acme', 'con-1')],
  ])('refuses a seal that was made for %s', async (_name, elsewhere) => {
    const keys = await generateSealingKeys();
    const sealed = await (await createSealer(keys.publicJwks)).seal(context, 'secret');
    expect(await failureOf(await createUnsealer(keys.privateJwks), elsewhere, sealed)).toBe('sealing.wrong_context');
  });

  it('refuses a changed byte, a changed header and what is no seal at all', async () => {
    const keys = await generateSealingKeys();
    const unsealer = await createUnsealer(keys.privateJwks);
    const [header = '', ...rest] = (await unsealer.seal(context, 'secret')).split('.');
    const moved = Buffer.from(Buffer.from(header, 'base64url').toString().replace('acme|', 'evil|')).toString('base64url');
    expect(await failureOf(unsealer, connectorConfigContext('evil', 'con-1'), [moved, ...rest].join('.'))).toBe('sealing.broken');
    expect(await failureOf(unsealer, context, [header, ...rest].join('.').slice(0, -2))).toBe('sealing.broken');
    expect(await failureOf(unsealer, context, 'plain text')).toBe('sealing.broken');
  });

  it('opens old seals while a new key seals, and none once the old key is gone', async () => {
    const [old, fresh] = [await generateSealingKeys(), await generateSealingKeys()];
    const sealed = await (await createSealer(old.publicJwks)).seal(context, 'secret');
    const join = (...sets: string[]): string => `{"keys":[${sets.map((set) => set.slice('{"keys":['.length, -2)).join(',')}]}`;
    const both = await createUnsealer(join(fresh.privateJwks, old.privateJwks));
    expect(await both.open(context, sealed)).toBe('secret');
    expect(await failureOf(await createUnsealer(fresh.privateJwks), context, sealed)).toBe('sealing.unknown_key');
    expect(await (await createUnsealer(fresh.privateJwks)).open(context, await both.seal(context, 'again'))).toBe('again');
  });
});

describe('sealing of Jira credentials', () => {
  const at = jiraCredentialContext('acme');
  it('opens with any key of the ring and seals with the first', async () => {
    const [a, b] = [{ id: 'a', key: key() }, { id: 'b', key: key() }];
    const sealed = await createSymmetricSealing([a]).seal(at, 'jira-token');
    expect(await createSymmetricSealing([b, a]).open(at, sealed)).toBe('jira-token');
    expect(await failureOf(createSymmetricSealing([b]), at, sealed)).toBe('sealing.unknown_key');
    expect(await failureOf(createSymmetricSealing([{ id: 'a', key: key() }]), at, sealed)).toBe('sealing.broken');
    expect(await failureOf(createSymmetricSealing([a]), jiraCredentialContext('globex'), sealed)).toBe('sealing.wrong_context');
  });
});

describe('hash of an external identity', () => {
  it('is the same for the same identity and differs by site, connector, id and key', () => {
    const secret = key();
    const hash = createIdentityHash(secret);
    const first = hash('acme', 'okta', '00u1');
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(createIdentityHash(secret)('acme', 'okta', '00u1')).toBe(first);
    const others = [hash('globex', 'okta', '00u1'), hash('acme', 'entra', '00u1'), hash('acme', 'okta', '00u2'), createIdentityHash(key())('acme', 'okta', '00u1'), hash('acm', 'okta', 'e00u1')];
    expect(new Set([first, ...others]).size).toBe(6);
  });
});
