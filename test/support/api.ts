import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { apiOptionsOf, createApi } from '../../src/api/api.module.js';
import { SandboxAuthenticator } from '../../src/api/auth/sandbox.authenticator.js';
import { composeApi } from '../../src/api/composition.js';
import { readApiConfig } from '../../src/config/env.js';
import { SITE, type TestProduct } from './product.js';

export interface HttpAnswer { readonly status: number; /** Of a problem. */ readonly code: string | null; readonly body: unknown; readonly retryAfter: string | null }
export interface TestApi {
  /** One HTTP call as this person; a POST carries an idempotency key. */
  send(as: { readonly accountId: string; readonly roles?: readonly string[] }, method: string, path: string, body?: unknown, key?: string): Promise<HttpAnswer>;
  stop(): Promise<void>;
}

const problem = z.object({ code: z.string() });
/** People and addresses that the sandbox routes would show; nothing here asks for them. */
const INFO = JSON.stringify({
  okta: { baseUrl: '', apiToken: '' }, entra: { authorityHost: '', graphBaseUrl: '', tenantId: '', clientId: '', clientSecret: '' }, jira: { baseUrl: '', apiToken: '', projectKey: 'AIACC', requestTypeIds: [] },
  temporal: { address: '', namespace: '', uiUrl: '' }, people: [], tools: [],
});

/** The HTTP edge of a test product on a free port, wired as in its own process. */
export async function startTestApi(product: TestProduct): Promise<TestApi> {
  const config = readApiConfig({ ...product.workerEnvironment.api, SANDBOX_INFO: INFO });
  const composition = await composeApi(config);
  const app = await createApi(composition.dependencies, apiOptionsOf(config, 'test'));
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const signIn = new SandboxAuthenticator(Buffer.from(config.SANDBOX_SIGN_IN_KEY ?? '', 'base64url'));
  return {
    async send({ accountId, roles = [] }, method, path, body, key = randomUUID()) {
      const { token } = await signIn.issue({ siteId: SITE, accountId, displayName: accountId, roles });
      const answer = await fetch(`${url}/api/v1${path}`, {
        method, headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(method === 'GET' ? {} : { 'idempotency-key': key }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      const read: unknown = text === '' ? null : JSON.parse(text);
      const { data } = problem.safeParse(read);
      return { status: answer.status, code: answer.ok ? null : (data?.code ?? null), body: read, retryAfter: answer.headers.get('retry-after') };
    },
    async stop() {
      await app.close();
      await composition.close();
    },
  };
}
