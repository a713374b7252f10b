import { z } from 'zod';
import { signingId, signingSecret } from './client-keys.js';

const unlessEmpty = <T extends z.ZodType>(schema: T) => z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

/** https, so that nobody on the way reads or forges an answer; plain http only on this machine. */
const coreUrl = z.string().refine(isCoreUrl, 'expected an https URL (http only on loopback) without user, query and fragment').transform((url) => url.replace(/\/+$/, ''));
function isCoreUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
  return (protocol === 'https:' || (protocol === 'http:' && isLoopback)) && username === '' && password === '' && !/[?#]/.test(text);
}

/** The three variables that name a Core behind HTTP (SPEC F3, F9). */
export const remoteCoreShape = { ARDSAOR_CORE_URL: unlessEmpty(coreUrl), ARDSAOR_CORE_APP_ID: unlessEmpty(signingId), ARDSAOR_CORE_APP_SECRET: unlessEmpty(signingSecret) };
type RemoteCoreVariables = z.output<z.ZodObject<typeof remoteCoreShape>>;

export interface RemoteCoreConfig { readonly url: string; readonly appId: string; readonly secret: string }

/** Null: Core is what polls queue `core`. @throws Error in one sentence when only some of the three are set */
export function remoteCoreOf(config: RemoteCoreVariables): RemoteCoreConfig | null {
  const { ARDSAOR_CORE_URL: url, ARDSAOR_CORE_APP_ID: appId, ARDSAOR_CORE_APP_SECRET: secret } = config;
  if (url === undefined && appId === undefined && secret === undefined) return null;
  if (url === undefined || appId === undefined || secret === undefined) {
    const missing = [['ARDSAOR_CORE_URL', url], ['ARDSAOR_CORE_APP_ID', appId], ['ARDSAOR_CORE_APP_SECRET', secret]].filter(([, value]) => value === undefined).map(([name]) => name);
    throw new Error(`ARDSAOR_CORE_URL, ARDSAOR_CORE_APP_ID and ARDSAOR_CORE_APP_SECRET belong together: set all three to use a Core over HTTP, or none to leave its work to whoever polls queue core (missing: ${missing.join(', ')})`);
  }
  return { url, appId, secret };
}
