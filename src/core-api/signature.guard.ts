import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { NonceStore } from '../application/ports/nonce-store.port.js';
import { problemOf } from '../api/common/problem.js';
import type { ClientKeys } from '../http-signature/client-keys.js';
import { messageOf } from '../http-signature/message-of.js';
import { REFUSAL_DETAIL, type SignatureRefusal } from '../http-signature/profile.js';
import { verifyRequest } from '../http-signature/verify-request.js';

/** Who signed, for the handlers behind the guard. */
export interface CoreCaller { readonly appId: string; readonly siteId: string | null }
declare module 'fastify' {
  interface FastifyRequest {
    coreCaller?: CoreCaller;
  }
}
export interface SignatureGuardDeps { readonly clients: ClientKeys; readonly nonces: NonceStore; readonly publicUrl: string | null; readonly now: () => Date }

/** Every route of Core but its health needs a signature made for exactly this request and used once (SPEC F9). */
export class SignatureGuard implements CanActivate {
  constructor(private readonly deps: SignatureGuardDeps) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (request.routeOptions.url?.startsWith('/health/') === true) return true;
    const { clients, nonces, publicUrl, now } = this.deps;
    const { message, fields } = messageOf(request, publicUrl);
    const verified = verifyRequest(message, fields, clients.keysOf, now());
    if (!verified.ok) throw refusedBy(verified.error);
    const { keyId, nonce } = verified.value;
    if (!(await nonces.use(keyId, nonce))) throw refusedBy('signature.replayed');
    request.coreCaller = { appId: keyId, siteId: clients.siteOf(keyId) };
    return true;
  }
}
const refusedBy = (code: SignatureRefusal): ReturnType<typeof problemOf> => problemOf(code, REFUSAL_DETAIL[code]);
