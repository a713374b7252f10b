import { z } from 'zod';
import type { SandboxInfo } from './shapes.js';

/** The vendors' own answers, asked with the vendors' own APIs: what the product says about itself is no evidence. */
export interface Vendors {
  /** Logins that Okta lists as the group's members. */
  oktaMembers(groupId: string): Promise<readonly string[]>;
  /** User principal names that Graph lists as the group's members. */
  entraMembers(groupId: string): Promise<readonly string[]>;
  /** Texts of the issue's comments, oldest first. */
  comments(issueKey: string): Promise<readonly string[]>;
  issueStatus(issueKey: string): Promise<string>;
}

const commentList = z.looseObject({ comments: z.array(z.looseObject({ body: z.looseObject({ content: z.array(z.looseObject({ content: z.array(z.looseObject({ text: z.string().optional() })).optional() })) }) })) });

export function vendorsAt({ okta, entra, jira }: SandboxInfo): Vendors {
  const read = async <T>(url: string, headers: Readonly<Record<string, string>>, schema: z.ZodType<T>): Promise<T> => {
    const answer = await fetch(url, { headers });
    const body: unknown = await answer.json();
    if (!answer.ok) throw new Error(`${url}: ${answer.status} ${JSON.stringify(body)}`);
    return schema.parse(body);
  };
  const jiraHeaders = { authorization: `Bearer ${jira.apiToken}` };
  return {
    async oktaMembers(groupId) {
      const users = await read(`${okta.baseUrl}/api/v1/groups/${groupId}/users?limit=1000`, { authorization: `SSWS ${okta.apiToken}` }, z.array(z.looseObject({ profile: z.looseObject({ login: z.string() }) })));
      return users.map(({ profile }) => profile.login);
    },
    async entraMembers(groupId) {
      const token = await graphToken(entra);
      const { value } = await read(`${entra.graphBaseUrl}/groups/${groupId}/members?$select=userPrincipalName`, { authorization: `Bearer ${token}` }, z.looseObject({ value: z.array(z.looseObject({ userPrincipalName: z.string() })) }));
      return value.map(({ userPrincipalName }) => userPrincipalName);
    },
    async comments(issueKey) {
      const { comments } = await read(`${jira.baseUrl}/rest/api/3/issue/${issueKey}/comment?maxResults=1000`, jiraHeaders, commentList);
      return comments.map(({ body }) => body.content.flatMap((block) => (block.content ?? []).map(({ text }) => text ?? '')).join(' '));
    },
    async issueStatus(issueKey) {
      const shape = z.looseObject({ fields: z.looseObject({ status: z.looseObject({ name: z.string() }) }) });
      return (await read(`${jira.baseUrl}/rest/api/3/issue/${issueKey}?fields=status`, jiraHeaders, shape)).fields.status.name;
    },
  };
}

/** Client credentials at the token endpoint. The sandbox serves it on Graph's own address too, without the TLS that `authorityHost` has. */
async function graphToken({ graphBaseUrl, tenantId, clientId, clientSecret }: SandboxInfo['entra']): Promise<string> {
  const answer = await fetch(new URL(`/${tenantId}/oauth2/v2.0/token`, graphBaseUrl), {
    method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, scope: 'https://graph.microsoft.com/.default' }),
  });
  return z.looseObject({ access_token: z.string() }).parse(await answer.json()).access_token;
}
