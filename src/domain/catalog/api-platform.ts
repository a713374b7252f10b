/** `apiPlatform`: what is bought is keys or a generic API; a directory group seldom opens or closes it (SPEC K5). */
export const TOOL_CATEGORIES = ['application', 'apiPlatform'] as const;
export type ToolCategory = (typeof TOOL_CATEGORIES)[number];

/** How API products are named, and clouds' model services whose names don't say it. */
const API_PRODUCT = /(?:^|[^a-z0-9])apis?(?:[ -](?:keys?|platform|access))?$/i;
const PLATFORMS = /(?:^|[^a-z0-9])(?:bedrock|vertex|azure[ -]openai|openai[ -]platform|anthropic[ -]console|openrouter|together[ -.]?ai|replicate|hugging[ -]?face|groq)(?:$|[^a-z0-9])/i;

/** What a tool is taken for until an admin says: a guess from its key and name, on the careful side. */
export const guessCategory = ({ key, name }: { readonly key: string; readonly name: string }): ToolCategory =>
  ([key, name].some((text) => API_PRODUCT.test(text) || PLATFORMS.test(text)) ? 'apiPlatform' : 'application');

export interface ConnectedTool { readonly category: ToolCategory; readonly provider: string; readonly attested: boolean }
/** Whether the tool would be fulfilled through a group that nobody says controls it. */
export const needsAttestation = ({ category, provider, attested }: ConnectedTool): boolean => category === 'apiPlatform' && provider !== 'none' && !attested;
