import { z } from 'zod';
import { Public, Roles, route } from '../common/route.js';

const base64 = z.string().max(4_000_000);
/** Temporal's remote codec protocol: JSON of `Payloads`, bytes in base64. */
export const payloads = z.looseObject({ payloads: z.array(z.looseObject({ metadata: z.record(z.string().max(200), base64).optional(), data: base64.optional() })).max(500) });
const decode = {
  method: 'POST', path: '/codec/decode', operation: 'decodePayloads', tag: 'Operations', kind: 'plain', body: payloads, bodyLimitBytes: 8 * 1024 * 1024,
  answers: { 200: payloads }, summary: 'Open encrypted payloads for the engine\'s Web UI.',
} as const;

/** What an operator sees in the Web UI is what an auditor may read. */
export const decodeForOperators = route({ ...decode, access: Roles('admin', 'auditor') });
/** In the sandbox the data is made up, and its Web UI has no sign-in. */
export const decodeInSandbox = route({ ...decode, access: Public });
export const decodePreflight = route({ method: 'OPTIONS', path: '/codec/decode', operation: 'decodePreflight', tag: 'Operations', access: Public, kind: 'plain', answers: { 204: null }, summary: 'CORS preflight of the Web UI; other origins get no permission.' });
