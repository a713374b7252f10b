import { z } from 'zod';
import { accountId, block, externalLogin, id, instant, provider } from './primitives.js';
import { pageQuery } from './page.contract.js';

/** Without a connector: the oldest enabled one of the provider. A person may have another login in another org or tenant. */
export const createIdentityMappingBody = z.strictObject({ accountId, provider, externalLogin, connectorId: id.optional() });
export type CreateIdentityMappingBody = z.output<typeof createIdentityMappingBody>;
export const patchIdentityMappingBody = z.strictObject({ externalLogin });
export type PatchIdentityMappingBody = z.output<typeof patchIdentityMappingBody>;

/** The external identity is sealed (SPEC F14): a list shows a masked hint; `externalId` is what the provider resolved it to, or why not. */
export const identityMappingView = z.strictObject({
  id,
  accountId,
  provider,
  connectorId: id,
  externalLogin: z.string().nullable(),
  loginHint: z.string(),
  externalId: z.string().nullable(),
  unresolved: z.strictObject({ code: z.string(), reason: z.string() }).nullable(),
  version: z.int(),
  createdAt: instant,
  updatedAt: instant,
});
export type IdentityMappingView = z.infer<typeof identityMappingView>;

export const identityMappingListQuery = z.strictObject({ ...pageQuery, accountId: accountId.optional(), provider: provider.optional() });
export type IdentityMappingListQuery = z.output<typeof identityMappingListQuery>;

/** JSON envelope of a CSV file, for hosts that carry JSON only; `text/csv` is taken as it is. */
export const importMappingsBody = z.strictObject({ csv: block(200_000) });
export const importRow = z.strictObject({ accountId, provider, externalLogin });
export type ImportRow = z.infer<typeof importRow> & { readonly line: number };

export const importMappingsAnswer = z.strictObject({
  created: z.int(),
  updated: z.int(),
  refused: z.int(),
  results: z.array(z.strictObject({ line: z.int(), accountId, outcome: z.enum(['created', 'updated', 'unchanged', 'refused']), code: z.string().optional(), detail: z.string().optional() })),
});
export type ImportMappingsAnswer = z.infer<typeof importMappingsAnswer>;
