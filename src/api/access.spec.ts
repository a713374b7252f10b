import type { ExecutionContext } from '@nestjs/common';
import type { Principal, TokenRole } from '../application/ports/api-commands.port.js';
import { controllersFor } from './api.module.js';
import { AccessGuard, missingAccess } from './common/access.guard.js';
import { Authenticated, IntakeAccess, PortalAccess, Public, Roles, type RouteSpec } from './common/route.js';
import { Authentication } from './auth/authentication.js';
import { ServiceAuthenticator } from './auth/service.authenticator.js';
import { ClientKeys } from '../http-signature/client-keys.js';
import { BoundedRefusalAuditor } from './common/refusal-audit.js';
import { collectRoutes } from './openapi/collect-routes.js';
import { ApiHarness, codeOf } from './testing/api-harness.js';

const principal = (more: Partial<Principal> = {}): Principal => ({ siteId: 'acme', accountId: 'ada', kind: 'person', roles: new Set<TokenRole>(['requester']), ...more });
const admin = principal({ roles: new Set<TokenRole>(['requester', 'admin']) });
const auditor = principal({ roles: new Set<TokenRole>(['requester', 'auditor']) });
const app = principal({ kind: 'forge', accountId: 'app', roles: new Set() });
const portal = principal({ portalOnly: true, roles: new Set<TokenRole>(['requester', 'admin']) });

describe('access rules', () => {
  it.each([
    [Public, portal, null], [PortalAccess, portal, null], [PortalAccess, app, null],
    [Authenticated, principal(), null], [Authenticated, portal, 'portal.only'], [Authenticated, app, 'person.missing'],
    [Roles('admin'), admin, null], [Roles('admin'), auditor, 'role.missing'], [Roles('admin', 'auditor'), auditor, null], [Roles('admin'), portal, 'portal.only'],
    [IntakeAccess, app, null], [IntakeAccess, admin, null], [IntakeAccess, auditor, 'intake.only'], [IntakeAccess, portal, 'portal.only'],
  ])('%j', (access, who, expected) => {
    expect(missingAccess(access, who)?.code ?? null).toBe(expected);
  });

  it('gives an empty list of roles to nobody', () => {
    expect(missingAccess(Roles(), admin)?.code).toBe('role.missing');
  });

  it('refuses a route that does not say who may call it', async () => {
    const bare = (): void => undefined;
    const context = { getHandler: () => bare, switchToHttp: () => ({ getRequest: () => ({ headers: {} }) }) };
    const guard = new AccessGuard(new Authentication([]), new ServiceAuthenticator({ clients: new ClientKeys([]), nonces: { use: () => Promise.resolve(true) }, sites: { exists: () => Promise.resolve(true) }, publicUrl: null, now: () => new Date() }), new BoundedRefusalAuditor({ record: () => Promise.resolve() }, { info: () => undefined, warn: () => undefined, error: () => undefined }));
    await expect(canActivate(guard, context)).rejects.toMatchObject({ code: 'auth.forbidden' });
  });
});
const canActivate = (guard: AccessGuard, context: unknown): Promise<boolean> => (isContext(context) ? guard.canActivate(context) : Promise.reject(new TypeError('no context')));
const isContext = (value: unknown): value is ExecutionContext => typeof value === 'object' && value !== null && 'getHandler' in value;

/** Whatever the path needs, with values that name something. */
const urlOf = (spec: RouteSpec): string => spec.path.replace(':file', 'start.js').replace(':seq', '1').replace(/:key/, spec.path.includes('/projects/') ? 'AI' : 'chatgpt').replace(/:id/, 'x1');

describe('every route', () => {
  let api: ApiHarness;
  const routes = collectRoutes(controllersFor(true));
  beforeAll(async () => {
    api = await ApiHarness.start();
  });
  afterAll(() => api.close());

  it('that the server has is stated with its access, and every stated one is served', async () => {
    const production = await ApiHarness.start({}, { sandbox: null });
    const server = production.app.getHttpAdapter().getInstance();
    const stated = collectRoutes(controllersFor(false));
    for (const { method, path: url } of stated) expect({ method, url, served: server.hasRoute({ method, url }) }).toEqual({ method, url, served: true });
    const served = [...server.printRoutes({ commonPrefix: false }).matchAll(/\(([A-Z, ]+)\)/g)].flatMap((match) => (match[1] ?? '').split(', ')).filter((method) => method !== 'HEAD');
    expect(served).toHaveLength(stated.length);
    await production.close();
  });

  it.each(routes.filter((spec) => spec.access.kind !== 'public').map((spec) => [`${spec.method} ${spec.path}`, spec] as const))('%s refuses who has no token', async (_name, spec) => {
    expect(await api.ask(spec.method, urlOf(spec))).toMatchObject({ status: 401, json: { code: 'auth.missing', status: 401 } });
  });

  it.each(routes.filter((spec) => spec.access.kind === 'roles').map((spec) => [`${spec.method} ${spec.path}`, spec] as const))('%s refuses who has no role', async (_name, spec) => {
    const answer = await api.ask(spec.method, urlOf(spec), { as: 'ada' });
    expect(answer).toMatchObject({ status: 403, json: { code: 'auth.forbidden' } });
  });

  it('records refused attempts with who, where and why, and bounds how many', async () => {
    const fresh = await ApiHarness.start();
    for (let attempt = 0; attempt < 9; attempt += 1) await fresh.get('/api/v1/connectors/c1', 'ada');
    expect(fresh.state.refusedAttempts).toHaveLength(5);
    expect(fresh.state.refusedAttempts[0]).toMatchObject({ action: 'authorization.refused', code: 'auth.forbidden', reason: 'role.missing', route: 'GET /api/v1/connectors/:id', principal: { accountId: 'ada', siteId: 'acme' }, suppressed: 0 });
    await fresh.get('/api/v1/connectors', 'bob');
    expect(fresh.state.refusedAttempts).toHaveLength(6);
    await fresh.close();
  });

  it('refuses just the same when the attempt can not be recorded', async () => {
    const fresh = await ApiHarness.start({ refusals: { record: () => Promise.reject(new Error('full')) } });
    expect((await fresh.get('/api/v1/connectors', 'ada')).status).toBe(403);
    expect(fresh.state.warnings).toEqual(['Error']);
    await fresh.close();
  });

  it('of the sandbox does not exist outside sandbox mode', async () => {
    const production = await ApiHarness.start({}, { sandbox: null });
    for (const [method, path] of [['GET', '/api/v1/sandbox'], ['POST', '/api/v1/sandbox/sign-in'], ['POST', '/api/v1/sandbox/portal-requests'], ['POST', '/api/v1/sandbox/clock']] as const) {
      const answer = await production.ask(method, path, method === 'POST' ? { body: {} } : {});
      expect(answer.status).toBe(404);
      expect(codeOf(answer)).toBe('route.not_found');
    }
    await production.close();
  });
});
