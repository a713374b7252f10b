import { z } from 'zod';

const text = z.string().min(1);
/** Jira answers some ids as numbers and some as strings. */
const id = z.union([text, z.number().int()]).transform(String);

export const anIssue = z.object({
  id,
  key: text,
  fields: z.object({
    project: z.object({ key: text }),
    reporter: z.object({ accountId: text }).nullish(),
    creator: z.object({ accountId: text }).nullish(),
    status: z.object({ name: text, statusCategory: z.object({ key: z.enum(['new', 'indeterminate', 'done', 'undefined']).catch('undefined') }) }),
  }),
});
export const anAccount = z.object({ active: z.boolean() });
export const aProperty = z.object({ key: text, value: z.unknown() });
export const groupNames = z.array(z.object({ name: text }));
export const transitionList = z.object({ transitions: z.array(z.object({ id, name: text, to: z.object({ name: text }) })) });
export const created = z.object({ id });
export const aProject = z.object({ id, key: text });
export const aRequest = z.object({ requestTypeId: id });
export const permissionList = z.object({ permissions: z.record(z.string(), z.object({ havePermission: z.boolean() })) });
export const grantedPermissions = z.object({ globalPermissions: z.array(z.string()) });
export const aServer = z.object({ baseUrl: z.url() });

const marker = z.object({ key: z.literal('aiclearance.marker'), value: z.object({ marker: text }) });
const aComment = z.object({ id, properties: z.array(z.unknown()).optional() });
export const markerProperty = (value: string) => ({ key: 'aiclearance.marker', value: { marker: value } }) as const;
export function hasMarker(comment: z.infer<typeof aComment>, wanted: string): boolean {
  return (comment.properties ?? []).some((property) => marker.safeParse(property).data?.value.marker === wanted);
}

/** The platform's pages: `startAt` and `maxResults`, with `total` or `isLast`. */
const offsets = { startAt: z.number().int().nonnegative(), maxResults: z.number().int().positive(), total: z.number().int().nonnegative().optional(), isLast: z.boolean().optional() };
export interface Page<T> { readonly items: readonly T[]; readonly next: number | null }
interface Offsets { readonly startAt: number; readonly maxResults: number; readonly total?: number | undefined; readonly isLast?: boolean | undefined }

/** The next page starts after the page's size, not after the items it has: those that the caller may not see are left out of it. */
function nextStart(page: Offsets, count: number): number | null {
  const next = page.startAt + page.maxResults;
  if (page.isLast !== undefined) return page.isLast ? null : next;
  if (page.total !== undefined) return next >= page.total ? null : next;
  return count === 0 ? null : next;
}
const toPage = <T>(page: Offsets, items: readonly T[]): Page<T> => ({ items, next: nextStart(page, items.length) });

export const commentPage = z.object({ ...offsets, comments: z.array(aComment) }).transform((page) => toPage(page, page.comments));
export const issueTypePage = z.object({ ...offsets, issueTypes: z.array(z.object({ id, name: text })) }).transform((page) => toPage(page, page.issueTypes));

/** Jira Service Management's pages: `start` and `limit`, with `isLastPage`. */
const deskOffsets = { start: z.number().int().nonnegative(), limit: z.number().int().positive(), isLastPage: z.boolean() };
const toDeskPage = <T>(page: { start: number; limit: number; isLastPage: boolean }, items: readonly T[]): Page<T> => ({ items, next: page.isLastPage ? null : page.start + page.limit });
export const deskPage = z.object({ ...deskOffsets, values: z.array(z.object({ id, projectKey: text })) }).transform((page) => toDeskPage(page, page.values));
export const requestTypePage = z.object({ ...deskOffsets, values: z.array(z.object({ id, name: text })) }).transform((page) => toDeskPage(page, page.values));

/** Errors of the platform and of Jira Service Management. */
export const jiraError = z.object({
  errorMessages: z.array(z.string()).optional(),
  errors: z.record(z.string(), z.string()).optional(),
  errorMessage: z.string().optional(),
  message: z.string().optional(),
});
