import type { ToolFields } from '../ports/tool-store.port.js';

/**
 * The starter catalog (SPEC K2): real products, as a proposal that an admin reviews. Everything starts unconnected, and nothing that sends data to a
 * vendor without a company contract starts as approved. A change of the set raises the version; entries are added, never rewritten in a site.
 */
export const STARTER_CATALOG_VERSION = 1;

type Starter = Pick<ToolFields, 'name' | 'vendor' | 'status' | 'risk' | 'maxDurationDays' | 'summary'> & { readonly key: string };
const starters: readonly Starter[] = [
  { key: 'chatgpt-enterprise', name: 'ChatGPT Enterprise', vendor: 'OpenAI', status: 'approved', risk: 'medium', maxDurationDays: 180, summary: 'General assistant in the company workspace; business data is not used for training.' },
  { key: 'claude-team', name: 'Claude Team', vendor: 'Anthropic', status: 'approved', risk: 'medium', maxDurationDays: 180, summary: 'General assistant for writing, analysis and code in a team workspace.' },
  { key: 'copilot-m365', name: 'Microsoft 365 Copilot', vendor: 'Microsoft', status: 'approved', risk: 'medium', maxDurationDays: 180, summary: 'Assistant in Word, Excel, Outlook and Teams that reads what the person may read.' },
  { key: 'github-copilot', name: 'GitHub Copilot Business', vendor: 'GitHub', status: 'approved', risk: 'medium', maxDurationDays: 180, summary: 'Code completion and chat in the editor.' },
  { key: 'gemini-workspace', name: 'Gemini for Google Workspace', vendor: 'Google', status: 'approved', risk: 'medium', maxDurationDays: 180, summary: 'Assistant in Gmail, Docs, Sheets and Meet.' },
  { key: 'grammarly-business', name: 'Grammarly Business', vendor: 'Grammarly', status: 'approved', risk: 'low', maxDurationDays: 180, summary: 'Spelling, grammar and tone in English texts.' },
  { key: 'deepl-pro', name: 'DeepL Pro', vendor: 'DeepL', status: 'approved', risk: 'low', maxDurationDays: 180, summary: 'Translation; texts are deleted after translation.' },
  { key: 'notion-ai', name: 'Notion AI', vendor: 'Notion Labs', status: 'approved', risk: 'low', maxDurationDays: 180, summary: 'Writing and search inside the company workspace.' },
  { key: 'cursor-business', name: 'Cursor Business', vendor: 'Anysphere', status: 'pilot', risk: 'high', maxDurationDays: 90, summary: 'Code editor whose agent reads and changes whole repositories.' },
  { key: 'claude-code', name: 'Claude Code', vendor: 'Anthropic', status: 'pilot', risk: 'high', maxDurationDays: 90, summary: 'Coding agent in the terminal that runs commands on the machine.' },
  { key: 'perplexity-enterprise', name: 'Perplexity Enterprise Pro', vendor: 'Perplexity', status: 'pilot', risk: 'medium', maxDurationDays: 90, summary: 'Search with cited answers.' },
  { key: 'adobe-firefly', name: 'Adobe Firefly', vendor: 'Adobe', status: 'approved', risk: 'low', maxDurationDays: 180, summary: 'Images and design drafts, trained on licensed material.' },
  { key: 'midjourney', name: 'Midjourney', vendor: 'Midjourney', status: 'restricted', risk: 'high', maxDurationDays: 30, summary: 'Images; results are public unless a stealth plan is used.' },
  { key: 'otter-business', name: 'Otter Business', vendor: 'Otter.ai', status: 'restricted', risk: 'high', maxDurationDays: 30, summary: 'Records and transcribes meetings; everybody in them must agree.' },
  { key: 'elevenlabs', name: 'ElevenLabs', vendor: 'ElevenLabs', status: 'restricted', risk: 'high', maxDurationDays: 30, summary: 'Speech in cloned voices; needs the written consent of the speaker.' },
  { key: 'deepseek-chat', name: 'DeepSeek Chat', vendor: 'DeepSeek', status: 'blocked', risk: 'critical', maxDurationDays: 1, summary: 'Consumer assistant without a company contract.' },
];

export interface StarterTool extends ToolFields { readonly key: string }
export const STARTER_CATALOG: readonly StarterTool[] = starters.map((tool) => ({
  ...tool, provider: 'none', connectorId: null, owner: null, pilotGroups: [], dataClasses: null, fulfilment: 'automatic', fulfilmentOwner: null, fulfilmentHours: null, driftResponse: 'report', category: 'application', entitlementAttestation: null,
}));
