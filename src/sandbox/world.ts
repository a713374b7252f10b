/**
 * The made-up world that the sandbox vendors serve and the product is seeded with. Pure data; every name is invented
 * and every domain ends in `.example` (RFC 2606). Secrets are not here: they are drawn when a sandbox is created.
 */

export type SiteId = 'acme' | 'globex';
export type SandboxRole = 'requester' | 'approver' | 'admin' | 'auditor';

export interface WorldSite {
  readonly id: SiteId;
  readonly name: string;
  /** Jira's cloud id of this site, a GUID. */
  readonly cloudId: string;
  readonly timeZone: string;
  readonly project: WorldProject;
}

export interface WorldRequestType {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Whether the product's intake is meant to accept it. */
  readonly intake: boolean;
}

export interface WorldProject {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly serviceDeskId: string;
  readonly requestTypes: readonly WorldRequestType[];
  readonly issueTypes: readonly { readonly id: string; readonly name: string; readonly description: string }[];
  /** Issue type that portal requests get. */
  readonly requestIssueTypeId: string;
  /** Issue type for recertification issues. */
  readonly recertificationIssueTypeId: string;
  readonly roles: readonly WorldProjectRole[];
}

export interface WorldProjectRole {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly accountIds: readonly string[];
  readonly groups: readonly string[];
}

export interface WorldPerson {
  readonly siteId: SiteId;
  readonly accountId: string;
  readonly displayName: string;
  readonly email: string;
  /** A description for sign-in screens; the product derives approvers from project routing. */
  readonly roles: readonly SandboxRole[];
  readonly jiraGroups: readonly string[];
  readonly accountType: 'atlassian' | 'customer';
  /** Login at Okta that the admin has mapped; absent: not mapped. */
  readonly oktaLogin?: string;
  /** User principal name at Entra that the admin has mapped; absent: not mapped. */
  readonly entraUpn?: string;
}

export interface WorldTool {
  readonly siteId: SiteId;
  readonly key: string;
  readonly name: string;
  readonly vendor: string;
  readonly status: 'approved' | 'pilot' | 'restricted' | 'blocked' | 'retired';
  readonly risk: 'low' | 'medium' | 'high' | 'critical';
  readonly maxDurationDays: number;
  readonly provider: 'none' | 'okta' | 'entra';
  readonly summary: string;
  readonly ownerAccountId: string;
  readonly pilotGroups: readonly string[];
  readonly dataClasses: readonly string[];
  /** Name of the group at the provider that gives access; absent without a provider. */
  readonly entitlementGroup?: string;
}

const requestTypes = (first: number): readonly WorldRequestType[] => [
  { id: String(first), name: 'Request access to an AI tool', description: 'Ask for an approved AI tool.', intake: true },
  { id: String(first + 1), name: 'Extend access to an AI tool', description: 'Ask for more time with an AI tool.', intake: true },
  { id: String(first + 2), name: 'Report a problem with an AI tool', description: 'Something does not work.', intake: false },
];

const issueTypes = (first: number): WorldProject['issueTypes'] => [
  { id: String(first), name: 'Service Request', description: 'A request that comes through the portal.' },
  { id: String(first + 1), name: 'Access Review', description: 'A recertification of existing access.' },
  { id: String(first + 2), name: 'Task', description: 'A small piece of work.' },
];

export const worldSites: readonly WorldSite[] = [
  {
    id: 'acme',
    name: 'Acme Instruments',
    cloudId: 'a3a1c2d4-0001-4c0e-8a11-acace0000001',
    timeZone: 'Europe/Berlin',
    project: {
      id: '10000',
      key: 'AIACC',
      name: 'AI Access',
      serviceDeskId: '7',
      requestTypes: requestTypes(41),
      issueTypes: issueTypes(10101),
      requestIssueTypeId: '10101',
      recertificationIssueTypeId: '10102',
      roles: [
        { id: 10002, name: 'Administrators', description: 'Administer the project.', accountIds: ['712020:erin-admin'], groups: ['jira-admins'] },
        { id: 10100, name: 'AI Approvers', description: 'Decide on access to AI tools.', accountIds: ['712020:carla-approver', '712020:dmitri-approver'], groups: [] },
        { id: 10101, name: 'Service Desk Team', description: 'Work on requests.', accountIds: ['712020:carla-approver', '712020:dmitri-approver', '712020:erin-admin'], groups: [] },
      ],
    },
  },
  {
    id: 'globex',
    name: 'Globex Logistics',
    cloudId: 'a3a1c2d4-0002-4c0e-8a11-910be0000002',
    timeZone: 'America/New_York',
    project: {
      id: '20000',
      key: 'GLX',
      name: 'Globex AI Desk',
      serviceDeskId: '3',
      requestTypes: requestTypes(61),
      issueTypes: issueTypes(20101),
      requestIssueTypeId: '20101',
      recertificationIssueTypeId: '20102',
      roles: [
        { id: 20002, name: 'Administrators', description: 'Administer the project.', accountIds: ['712020:ida-globex-admin'], groups: ['jira-admins'] },
        { id: 20100, name: 'AI Approvers', description: 'Decide on access to AI tools.', accountIds: ['712020:hugo-globex-approver'], groups: [] },
      ],
    },
  },
];

function person(
  siteId: SiteId,
  slug: string,
  displayName: string,
  roles: readonly SandboxRole[],
  jiraGroups: readonly string[],
  mapped: readonly ('okta' | 'entra')[] = [],
): WorldPerson {
  const local = displayName.toLowerCase().replaceAll(' ', '.');
  const domain = `${siteId}.example`;
  return {
    siteId,
    accountId: `712020:${slug}`,
    displayName,
    email: `${local}@${domain}`,
    roles,
    jiraGroups: ['jira-users', ...jiraGroups],
    accountType: 'atlassian',
    ...(mapped.includes('okta') ? { oktaLogin: `${local}@${domain}` } : {}),
    ...(mapped.includes('entra') ? { entraUpn: `${local}@${siteId}.onmicrosoft.example` } : {}),
  };
}

export const worldPeople: readonly WorldPerson[] = [
  person('acme', 'ada-requester', 'Ada Fontaine', ['requester'], ['engineering'], ['okta', 'entra']),
  person('acme', 'ben-requester', 'Ben Okafor', ['requester'], ['marketing']),
  person('acme', 'carla-approver', 'Carla Mendes', ['requester', 'approver'], ['ai-approvers'], ['okta', 'entra']),
  person('acme', 'dmitri-approver', 'Dmitri Volkov', ['requester', 'approver'], ['ai-approvers', 'security'], ['okta', 'entra']),
  person('acme', 'erin-admin', 'Erin Lindqvist', ['requester', 'admin'], ['jira-admins'], ['okta']),
  person('acme', 'farah-auditor', 'Farah Haddad', ['requester', 'auditor'], ['auditors']),
  person('acme', 'gil-requester', 'Gil Navarro', ['requester'], ['engineering', 'ai-pilot'], ['okta', 'entra']),
  person('globex', 'gina-globex-requester', 'Gina Park', ['requester'], ['operations']),
  person('globex', 'hugo-globex-approver', 'Hugo Brandt', ['requester', 'approver'], ['ai-approvers']),
  person('globex', 'ida-globex-admin', 'Ida Moreau', ['requester', 'admin'], ['jira-admins']),
];

/** The closed list of data classes, from harmless to most sensitive. */
export const worldDataClasses: readonly string[] = ['public', 'internal', 'confidential', 'personal', 'customer', 'source-code', 'regulated'];

export const worldTools: readonly WorldTool[] = [
  {
    siteId: 'acme', key: 'chatgpt-enterprise', name: 'ChatGPT Enterprise', vendor: 'OpenAI', status: 'approved', risk: 'medium', maxDurationDays: 90,
    provider: 'okta', summary: 'General assistant for text and analysis.', ownerAccountId: '712020:erin-admin', pilotGroups: [],
    dataClasses: ['public', 'internal', 'confidential'], entitlementGroup: 'AI Clearance - ChatGPT Enterprise - Users',
  },
  {
    siteId: 'acme', key: 'copilot-m365', name: 'Microsoft 365 Copilot', vendor: 'Microsoft', status: 'approved', risk: 'medium', maxDurationDays: 90,
    provider: 'entra', summary: 'Assistant inside the Office applications.', ownerAccountId: '712020:erin-admin', pilotGroups: [],
    dataClasses: ['public', 'internal', 'confidential', 'customer'], entitlementGroup: 'AI Clearance - Microsoft 365 Copilot - Users',
  },
  {
    siteId: 'acme', key: 'claude-team', name: 'Claude Team', vendor: 'Anthropic', status: 'approved', risk: 'low', maxDurationDays: 180,
    provider: 'none', summary: 'Writing and coding assistant, invited by hand.', ownerAccountId: '712020:erin-admin', pilotGroups: [],
    dataClasses: ['public', 'internal', 'source-code'],
  },
  {
    siteId: 'acme', key: 'midjourney', name: 'Midjourney', vendor: 'Midjourney', status: 'restricted', risk: 'high', maxDurationDays: 30,
    provider: 'none', summary: 'Image generation, by special arrangement only.', ownerAccountId: '712020:erin-admin', pilotGroups: [],
    dataClasses: ['public'],
  },
  {
    siteId: 'acme', key: 'deepseek-chat', name: 'DeepSeek Chat', vendor: 'DeepSeek', status: 'blocked', risk: 'critical', maxDurationDays: 30,
    provider: 'none', summary: 'Not allowed: no data processing agreement.', ownerAccountId: '712020:erin-admin', pilotGroups: [],
    dataClasses: [],
  },
  {
    siteId: 'acme', key: 'jasper', name: 'Jasper', vendor: 'Jasper AI', status: 'retired', risk: 'low', maxDurationDays: 90,
    provider: 'none', summary: 'Replaced by ChatGPT Enterprise.', ownerAccountId: '712020:erin-admin', pilotGroups: [],
    dataClasses: ['public'],
  },
  {
    siteId: 'acme', key: 'cursor', name: 'Cursor', vendor: 'Anysphere', status: 'pilot', risk: 'high', maxDurationDays: 60,
    provider: 'none', summary: 'AI code editor, in pilot with engineering.', ownerAccountId: '712020:erin-admin', pilotGroups: ['ai-pilot'],
    dataClasses: ['public', 'internal', 'source-code'],
  },
  {
    siteId: 'globex', key: 'claude-team', name: 'Claude Team', vendor: 'Anthropic', status: 'approved', risk: 'low', maxDurationDays: 90,
    provider: 'none', summary: 'Writing assistant, invited by hand.', ownerAccountId: '712020:ida-globex-admin', pilotGroups: [],
    dataClasses: ['public', 'internal'],
  },
];
