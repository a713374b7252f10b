import { Agent, request } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { z } from 'zod';
import { createApi } from '../api.module.js';
import type { SandboxInfo } from '../../contracts/sandbox.contract.js';
import type { ApiDependencies } from '../dependencies.js';
import type { ApiOptions } from '../options.js';
import { fakeDependencies, FakeState } from './fakes.js';

export const SIGN_IN_KEY = Buffer.alloc(32, 7);
const person = (accountId: string, roles: SandboxInfo['people'][number]['roles'], siteId = 'acme') => ({ accountId, displayName: accountId, roles, jiraGroups: [], siteId });
export const INFO: SandboxInfo = {
  okta: { baseUrl: 'http://127.0.0.1:1', apiToken: 'x' }, entra: { authorityHost: 'http://127.0.0.1:2', graphBaseUrl: 'http://127.0.0.1:3', tenantId: 't', clientId: 'c', clientSecret: 's' },
  jira: { baseUrl: 'http://127.0.0.1:4', apiToken: 'x', projectKey: 'AI', requestTypeIds: ['10'] }, temporal: { address: '127.0.0.1:7233', namespace: 'access', uiUrl: 'http://127.0.0.1:8233' },
  people: [person('ada', ['requester']), person('bob', ['requester', 'approver']), person('root', ['requester', 'admin']), person('audrey', ['requester', 'auditor']), person('zoe', ['requester'], 'globex')],
  tools: [],
};
export const OPTIONS: ApiOptions = { version: '0.1.0', publicUrl: null, temporalUiUrl: 'http://127.0.0.1:8233', oidc: null, forge: null, serviceClients: [], sandbox: { signInKey: SIGN_IN_KEY, info: INFO } };

export interface Answer { readonly status: number; readonly headers: Readonly<Record<string, string | string[] | number | undefined>>; readonly text: string; readonly json: unknown }
export interface Ask { readonly as?: string; readonly body?: unknown; readonly raw?: string | Buffer; readonly headers?: Readonly<Record<string, string>> }

/** A running edge over fakes, on a free port of loopback. */
export class ApiHarness {
  private readonly tokens = new Map<string, string>();
  private readonly agent = new Agent({ keepAlive: true });
  private constructor(readonly app: NestFastifyApplication, readonly state: FakeState, readonly port: number) {}

  static async start(overrides: Partial<ApiDependencies> = {}, options: Partial<ApiOptions> = {}): Promise<ApiHarness> {
    const state = new FakeState();
    const app = await createApi(fakeDependencies(state, overrides), { ...OPTIONS, ...options });
    await app.listen(0, '127.0.0.1');
    return new ApiHarness(app, state, Number(new URL(await app.getUrl()).port));
  }

  async close(): Promise<void> {
    this.agent.destroy();
    await this.app.close();
  }

  async tokenOf(accountId: string): Promise<string> {
    const known = this.tokens.get(accountId);
    if (known !== undefined) return known;
    const { json } = await this.ask('POST', '/api/v1/sandbox/sign-in', { body: { accountId } });
    const { token } = z.object({ token: z.string() }).parse(json);
    this.tokens.set(accountId, token);
    return token;
  }

  /** `as`: a sandbox person, or a whole Authorization header when it has a space in it. */
  async ask(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS', url: string, { as, body, raw, headers }: Ask = {}): Promise<Answer> {
    const authorization = as === undefined ? {} : { authorization: as.includes(' ') ? as : `Bearer ${await this.tokenOf(as)}` };
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const contentType = payload === undefined ? {} : { 'content-type': 'application/json' };
    return this.send(method, url, { ...contentType, ...authorization, ...headers }, payload);
  }

  private send(method: string, path: string, headers: Readonly<Record<string, string>>, payload: string | Buffer | undefined): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const call = request({ host: '127.0.0.1', port: this.port, method, path, headers: { ...headers, ...(payload === undefined ? {} : { 'content-length': Buffer.byteLength(payload) }) }, agent: this.agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const isJson = /[/+]json\b/.test(String(response.headers['content-type'])) && text !== '';
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined });
        });
      });
      call.on('error', reject);
      call.end(payload);
    });
  }

  get(url: string, as?: string): Promise<Answer> {
    return this.ask('GET', url, as === undefined ? {} : { as });
  }

  post(url: string, as: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.ask('POST', url, { as, body, headers });
  }
}

/** The code of a problem, for short assertions. */
export const codeOf = (answer: Answer): unknown => (typeof answer.json === 'object' && answer.json !== null && 'code' in answer.json ? answer.json.code : undefined);
