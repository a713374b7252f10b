import { Module, type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { randomUUID } from 'node:crypto';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sandboxInfo } from '../contracts/sandbox.contract.js';
import type { ApiConfig } from '../config/env.js';
import { ClientKeys } from '../http-signature/client-keys.js';
import { AuditController } from './audit/audit.controller.js';
import { Authentication, type Authenticator } from './auth/authentication.js';
import { ForgeAuthenticator } from './auth/forge.authenticator.js';
import { remoteKeys } from './auth/jwt.js';
import { OidcAuthenticator } from './auth/oidc.authenticator.js';
import { ServiceAuthenticator } from './auth/service.authenticator.js';
import { SandboxAuthenticator } from './auth/sandbox.authenticator.js';
import { CodecPreflightController, OperatorCodecController, SandboxCodecController } from './codec/codec.controller.js';
import { AccessGuard } from './common/access.guard.js';
import { AnswerInterceptor } from './common/answer.interceptor.js';
import { BODY_LIMIT_BYTES, registerContentParsers } from './common/content-parsers.js';
import { httpHistogram } from './common/http-metrics.js';
import { answerBrokenRequest, ProblemFilter, refusalOf, sendProblem } from './common/problem.filter.js';
import { BoundedRefusalAuditor } from './common/refusal-audit.js';
import type { RouteSpec } from './common/route.js';
import { addServerHooks } from './common/server-hooks.js';
import { ConnectorsController } from './connectors/connectors.controller.js';
import { API_DOCUMENT, SANDBOX, TEMPORAL_UI_ORIGIN, TOKENS, type ApiDependencies } from './dependencies.js';
import { DiagnosesController } from './diagnoses/diagnoses.controller.js';
import { GrantsController } from './grants/grants.controller.js';
import { HealthController } from './health/health.controller.js';
import { HooksController } from './hooks/hooks.controller.js';
import { IdentityMappingsController } from './identity-mappings/identity-mappings.controller.js';
import { IntakeController } from './intake/intake.controller.js';
import { JobsController } from './jobs/jobs.controller.js';
import { KillSwitchesController } from './kill-switches/kill-switches.controller.js';
import { MeController } from './me/me.controller.js';
import { collectRoutes } from './openapi/collect-routes.js';
import { DocsController } from './openapi/docs.controller.js';
import { openApiDocument } from './openapi/document.js';
import type { ApiOptions } from './options.js';
import { PoliciesController } from './policies/policies.controller.js';
import { PortalController } from './portal/portal.controller.js';
import { ProjectsController } from './projects/projects.controller.js';
import { ReconciliationsController } from './reconciliations/reconciliations.controller.js';
import { RequestsController } from './requests/requests.controller.js';
import { SandboxController, type SandboxMode } from './sandbox/sandbox.controller.js';
import { SETTINGS_CONTROLLERS } from './settings/settings.controller.js';
import { ToolRolesController } from './tools/tool-roles.controller.js';
import { ToolsController } from './tools/tools.controller.js';

/** Longest time to receive a whole request, in milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000;

const CONTROLLERS: readonly Type[] = [
  RequestsController, GrantsController, MeController, JobsController, ToolsController, ToolRolesController, ConnectorsController, IdentityMappingsController, PoliciesController, ProjectsController,
  ...SETTINGS_CONTROLLERS, KillSwitchesController, ReconciliationsController, HooksController, DiagnosesController, AuditController, IntakeController, PortalController, HealthController, DocsController, CodecPreflightController,
];
/** Sandbox routes exist in sandbox mode only. */
export const controllersFor = (sandbox: boolean): readonly Type[] => [...CONTROLLERS, ...(sandbox ? [SandboxController, SandboxCodecController] : [OperatorCodecController])];

@Module({})
class ApiModule {}

/**
 * Composes the HTTP edge over given use cases. The application is initialised and does not listen yet.
 * @throws Error when sandbox mode is asked for without its control, or Forge and OIDC would share an issuer
 */
export async function createApi(dependencies: ApiDependencies, options: ApiOptions): Promise<NestFastifyApplication> {
  const sandbox = sandboxModeOf(dependencies, options);
  const controllers = controllersFor(sandbox !== null);
  const routes = collectRoutes(controllers);
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES, requestTimeout: REQUEST_TIMEOUT_MS, genReqId: () => randomUUID(), skipMiddie: true, trustProxy: false,
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket),
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => sendProblem(reply, refusalOf(error), request.id),
  });
  const server: FastifyInstance = adapter.getInstance();
  registerContentParsers(server);
  limitBodiesByRoute(server, routes);
  const codecOrigin = options.temporalUiUrl === null ? null : new URL(options.temporalUiUrl).origin;
  addServerHooks(server, { log: dependencies.log, durations: httpHistogram(dependencies.registry), https: options.publicUrl?.startsWith('https:') ?? false, codecOrigin });
  const module = moduleOf(controllers, [
    ...Object.entries(TOKENS).map(([name, provide]) => tokenProvider(provide, Reflect.get(dependencies, name))),
    { provide: SANDBOX, useValue: sandbox }, { provide: API_DOCUMENT, useValue: openApiDocument(routes, options.version) }, { provide: TEMPORAL_UI_ORIGIN, useValue: codecOrigin },
  ]);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class and documents a literal
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, { bodyParser: false, logger: ['error', 'fatal'], abortOnError: false });
  app.useGlobalGuards(new AccessGuard(new Authentication(authenticatorsOf(dependencies, options, sandbox)), servicesOf(dependencies, options), new BoundedRefusalAuditor(dependencies.refusals, dependencies.log)));
  app.useGlobalInterceptors(new AnswerInterceptor());
  app.useGlobalFilters(new ProblemFilter(dependencies.log));
  await app.init();
  await server.ready();
  return app;
}

const servicesOf = ({ nonces, sites }: ApiDependencies, { serviceClients, publicUrl }: ApiOptions): ServiceAuthenticator =>
  new ServiceAuthenticator({ clients: new ClientKeys(serviceClients), nonces, sites, publicUrl, now: () => new Date() });

const tokenProvider = (provide: symbol, useValue: unknown): Provider => ({ provide, useValue });
const moduleOf = (controllers: readonly Type[], providers: Provider[]): DynamicModule => ({ module: ApiModule, controllers: [...controllers], providers });

function sandboxModeOf(dependencies: ApiDependencies, options: ApiOptions): SandboxMode | null {
  if (options.sandbox === null) return null;
  if (!dependencies.sandboxControl) throw new Error('Sandbox mode needs its control');
  return { info: options.sandbox.info, tokens: new SandboxAuthenticator(options.sandbox.signInKey), control: dependencies.sandboxControl };
}

function authenticatorsOf({ sites, administrators }: ApiDependencies, { oidc, forge, jwksCooldownMs }: ApiOptions, sandbox: SandboxMode | null): Authenticator[] {
  const authenticators: Authenticator[] = [
    ...(sandbox === null ? [] : [sandbox.tokens]),
    ...(forge === null ? [] : [new ForgeAuthenticator(forge.appId, remoteKeys(forge.jwksUrl, jwksCooldownMs), sites, administrators)]),
    ...(oidc === null ? [] : [new OidcAuthenticator(oidc, remoteKeys(oidc.jwksUrl, jwksCooldownMs), sites)]),
  ];
  if (new Set(authenticators.map((authenticator) => authenticator.issuer)).size !== authenticators.length) throw new Error('OIDC_ISSUER must not be an issuer of ours or Forge\'s');
  return authenticators;
}

/** Nest has no place for Fastify's per-route body limit, so it is set as the route is added. */
function limitBodiesByRoute(server: FastifyInstance, routes: readonly RouteSpec[]): void {
  const limits = new Map<string, number>(routes.flatMap((spec) => (spec.bodyLimitBytes === undefined ? [] : [[`${spec.method} ${spec.path}`, spec.bodyLimitBytes] as const])));
  server.addHook('onRoute', (added) => {
    const limit = limits.get(`${String(added.method)} ${added.path}`);
    if (limit !== undefined) added.bodyLimit = limit;
  });
}

/** @throws Error naming the variables that belong together and are not all set */
export function apiOptionsOf(config: ApiConfig, version: string): ApiOptions {
  return {
    version, publicUrl: config.PUBLIC_URL ?? null, temporalUiUrl: config.TEMPORAL_UI_URL ?? null, oidc: oidcOf(config), serviceClients: config.SERVICE_CLIENTS,
    forge: config.FORGE_APP_ID === undefined ? null : { appId: config.FORGE_APP_ID, jwksUrl: config.FORGE_JWKS_URL }, sandbox: sandboxOf(config),
  };
}
function oidcOf(config: ApiConfig): ApiOptions['oidc'] {
  const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience, OIDC_JWKS_URL: jwksUrl } = config;
  if (issuer === undefined && audience === undefined && jwksUrl === undefined) return null;
  if (issuer === undefined || audience === undefined || jwksUrl === undefined) throw new Error('OIDC_ISSUER, OIDC_AUDIENCE and OIDC_JWKS_URL belong together: set all three or none');
  return {
    issuer, audience, jwksUrl, siteClaim: config.OIDC_SITE_CLAIM, groupsClaim: config.OIDC_GROUPS_CLAIM, accountClaim: config.OIDC_ACCOUNT_CLAIM,
    adminGroups: config.OIDC_ADMIN_GROUPS, auditorGroups: config.OIDC_AUDITOR_GROUPS,
  };
}
function sandboxOf(config: ApiConfig): ApiOptions['sandbox'] {
  if (!config.SANDBOX || config.SANDBOX_SIGN_IN_KEY === undefined) return null;
  if (config.SANDBOX_INFO === undefined) throw new Error('SANDBOX_INFO is missing: sandbox mode shows who can sign in');
  return { signInKey: Buffer.from(config.SANDBOX_SIGN_IN_KEY, 'base64url'), info: sandboxInfo.parse(JSON.parse(config.SANDBOX_INFO)) };
}
