import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../../application/ports/api-commands.port.js';
import { SignInRefused, type Authentication } from '../auth/authentication.js';
import { SignatureRefused, type ServiceAuthenticator } from '../auth/service.authenticator.js';
import { REFUSAL_DETAIL } from '../../http-signature/profile.js';
import type { ProblemCode } from '../../contracts/refusal-status.js';
import { ApiProblem, problemOf } from './problem.js';
import type { BoundedRefusalAuditor } from './refusal-audit.js';
import { routeSpecOf, type Access, type RouteSpec } from './route.js';

/** Proves who calls, then asks the route's access rule. A route without a rule is refused to everybody. Refused attempts are recorded (SPEC E1). */
export class AccessGuard implements CanActivate {
  constructor(private readonly authentication: Authentication, private readonly services: ServiceAuthenticator, private readonly refusals: BoundedRefusalAuditor) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const spec = routeSpecOf(context.getHandler());
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (!spec) throw problemOf('auth.forbidden', 'This route is closed');
    if (spec.access.kind === 'public') return true;
    const principal = await this.authenticate(spec, request);
    const reason = missingService(spec, principal) ?? missingAccess(spec.access, principal);
    if (reason !== null) {
      await this.refusals.record({ action: 'authorization.refused', principal, code: 'auth.forbidden', reason: reason.code, route: `${spec.method} ${spec.path}`, correlationId: request.id });
      throw problemOf('auth.forbidden', reason.detail);
    }
    request.principal = principal;
    return true;
  }

  private async authenticate(spec: RouteSpec, request: FastifyRequest): Promise<Principal> {
    try {
      return await (this.services.isSigned(request) ? this.services.verify(request) : this.authentication.authenticate(request.headers.authorization));
    } catch (error) {
      const refused = refusedSignIn(error);
      if (refused === null) throw error;
      await this.refusals.record({ action: 'sign_in.refused', principal: null, code: refused.code, reason: refused.reason, route: `${spec.method} ${spec.path}`, correlationId: request.id });
      throw new ApiProblem({ code: refused.code, detail: refused.detail }, { cause: error });
    }
  }
}

function refusedSignIn(error: unknown): { readonly code: ProblemCode; readonly reason: string; readonly detail: string } | null {
  if (error instanceof SignInRefused) return error;
  return error instanceof SignatureRefused ? { code: error.code, reason: error.code, detail: REFUSAL_DETAIL[error.code] } : null;
}

/** A service client is nobody's approver, holder or admin, whatever its id says: it is let in where a route names services and nowhere else. */
export const missingService = (spec: Pick<RouteSpec, 'services'>, principal: Principal): MissingAccess | null =>
  principal.kind === 'service' && spec.services !== true ? { code: 'service.not_here', detail: 'Service clients ask for access and read what they asked for' } : null;

export interface MissingAccess { readonly code: string; readonly detail: string }

/** Pure: why this principal may not call a route with this access rule; null when they may. */
export function missingAccess(access: Access, principal: Principal): MissingAccess | null {
  if (access.kind === 'public' || access.kind === 'portal') return null;
  if (principal.portalOnly === true) return { code: 'portal.only', detail: 'A portal token opens the portal\'s routes only' };
  if (access.kind === 'intake') {
    return principal.kind === 'forge' || principal.roles.has('admin') ? null : { code: 'intake.only', detail: 'Events are delivered by the Jira app' };
  }
  if (principal.kind === 'forge') return { code: 'person.missing', detail: 'This token names no person' };
  if (access.kind === 'authenticated' || access.anyOf.some((role) => principal.roles.has(role))) return null;
  return { code: 'role.missing', detail: `This needs the role ${access.anyOf.join(' or ')}` };
}
