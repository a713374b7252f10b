import type { Principal } from '../../application/ports/api-commands.port.js';
import type { SiteDirectory } from '../../application/ports/api-queries.port.js';
import type { NonceStore } from '../../application/ports/nonce-store.port.js';
import type { ClientKeys } from '../../http-signature/client-keys.js';
import { messageOf, type ArrivedRequest } from '../../http-signature/message-of.js';
import type { SignatureRefusal } from '../../http-signature/profile.js';
import { verifyRequest } from '../../http-signature/verify-request.js';
import { SignInRefused } from './authentication.js';

/** Why a signed request is not accepted; unlike a token's, the reason is told: it is about the message, and whoever signs has to mend it. */
export class SignatureRefused extends Error {
  override readonly name = 'SignatureRefused';
  constructor(readonly code: SignatureRefusal) {
    super(code);
  }
}
export interface ServiceAuthenticatorDeps {
  readonly clients: ClientKeys;
  readonly nonces: NonceStore;
  readonly sites: Pick<SiteDirectory, 'exists'>;
  readonly publicUrl: string | null;
  readonly now: () => Date;
}

/** Service clients (SPEC I6): other ticket systems, which sign each request (RFC 9421) in place of a token. Each acts in its own site and on the routes that say so. */
export class ServiceAuthenticator {
  constructor(private readonly deps: ServiceAuthenticatorDeps) {}

  /** Whether the request claims to be signed; a bearer token beside the signature decides by itself. */
  isSigned({ headers }: ArrivedRequest): boolean {
    return headers['authorization'] === undefined && (headers['signature'] !== undefined || headers['signature-input'] !== undefined);
  }

  /** @throws SignatureRefused; SignInRefused `site.unknown`; DatabaseUnavailable */
  async verify(request: ArrivedRequest): Promise<Principal> {
    const { clients, nonces, sites, publicUrl, now } = this.deps;
    const { message, fields } = messageOf(request, publicUrl);
    const verified = verifyRequest(message, fields, clients.keysOf, now());
    if (!verified.ok) throw new SignatureRefused(verified.error);
    const { keyId, nonce } = verified.value;
    const siteId = clients.siteOf(keyId);
    if (siteId === null || !(await sites.exists(siteId))) throw new SignInRefused('site.unknown');
    if (!(await nonces.use(keyId, nonce))) throw new SignatureRefused('signature.replayed');
    return { siteId, accountId: keyId, kind: 'service', roles: new Set(), licence: 'notReported' };
  }
}
