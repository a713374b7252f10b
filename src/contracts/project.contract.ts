import { z } from 'zod';
import { accountId, dataClass, distinct, instant, line, numericId, projectKey } from './primitives.js';
import { pageQuery } from './page.contract.js';

/** Who may vote (SPEC A2). Empty lists are nobody; the fallback says when a Jira admin stands in. */
const routing = {
  approvers: distinct(accountId, 0, 100),
  securityReviewers: distinct(accountId, 0, 100),
  adminFallback: z.enum(['never', 'whenNoApprover', 'always']),
};
/** Names that a transition is looked for by, first match wins; empty keeps the product's list (SPEC A5). */
const transitionNames = distinct(line(80), 0, 10);

const projectFields = { enabled: z.boolean(), ...routing, approveTransitions: transitionNames, denyTransitions: transitionNames };
export const createProjectBody = z.strictObject({ key: projectKey, ...projectFields }).partial().required({ key: true, approvers: true });
export type CreateProjectBody = z.output<typeof createProjectBody>;
export const patchProjectBody = z.strictObject(projectFields).partial();
export type PatchProjectBody = z.output<typeof patchProjectBody>;
export const projectView = z.strictObject({ key: projectKey, ...projectFields, version: z.int(), createdAt: instant, updatedAt: instant });
export type ProjectView = z.infer<typeof projectView>;
export const projectListQuery = z.strictObject(pageQuery);
export type ProjectListQuery = z.output<typeof projectListQuery>;

/** One intake project, one portal and the request types that open the gate (SPEC I1). */
export const intakeSettings = z.strictObject({
  enabled: z.boolean(),
  projectKey: projectKey.nullable(),
  portalId: numericId.nullable(),
  requestTypeIds: distinct(numericId, 0, 50),
});
/** Routing of requests whose project is not registered, and of those without an issue (SPEC A2). */
export const routingSettings = z.strictObject(routing);
/** The site's closed list (SPEC P12). */
export const dataClassSettings = z.strictObject({ dataClasses: distinct(dataClass, 1, 50) });
/** SPEC A6: when a pending request counts as a breach, and when it lapses. */
export const slaSettings = z.strictObject({ reviewDueHours: z.int().min(1).max(24 * 60), lapseAfterDays: z.int().min(1).max(180) })
  .refine((sla) => sla.lapseAfterDays * 24 >= sla.reviewDueHours, { path: ['lapseAfterDays'], error: 'must not end before the review is due', params: { reason: 'before_due' } });
/** SPEC I8: the issue type that recertification issues are created with, checked in Jira when it is saved. */
export const recertificationSettings = z.strictObject({ projectKey: projectKey.nullable(), issueTypeId: numericId.nullable(), windowDays: z.int().min(1).max(90) });
/** SPEC G3 and G10: whether holders may extend by themselves, and from how many days before its end access is "expiring soon". */
export const selfServiceSettings = z.strictObject({ extendEnabled: z.boolean(), expiringSoonDays: z.int().min(1).max(60) });

/** How often the groups of each connector are compared with the grants (SPEC D1), and above how many changes, that are also more than this share, a run stops and asks (D3). */
export const reconciliationSettings = z.strictObject({ intervalHours: z.int().min(1).max(168), stopAboveChanges: z.int().min(0).max(10_000), stopAbovePercent: z.int().min(1).max(100) });

/** SPEC G6: whether people who left lose their access by themselves, and how many may leave within the window before the product asks. `maxPersons` null: five or a tenth of the holders, whichever is more. */
export const leaverSettings = z.strictObject({ enabled: z.boolean(), maxPersons: z.int().min(0).max(100_000).nullable(), windowHours: z.int().min(1).max(168) });

const keptDays = z.int().min(1).max(3_650);
/** SPEC E7, E11: days for which the audit trail, external identities (null: as the audit trail) and finished provisioning jobs are kept. */
export const retentionSettings = z.strictObject({ auditDays: keptDays, externalIdentityDays: keptDays.nullable(), jobDays: keptDays });

/** Every settings document by its path segment; the routes, their schemas and the OpenAPI document are made from this table. */
export const SETTINGS = {
  intake: intakeSettings,
  routing: routingSettings,
  sla: slaSettings,
  recertification: recertificationSettings,
  'self-service': selfServiceSettings,
  'data-classes': dataClassSettings,
  reconciliation: reconciliationSettings,
  leaver: leaverSettings,
  retention: retentionSettings,
} as const;
export type SettingsName = keyof typeof SETTINGS;
export const SETTINGS_NAMES = Object.keys(SETTINGS).filter((name): name is SettingsName => name in SETTINGS);
export type SettingsOf<N extends SettingsName> = z.infer<(typeof SETTINGS)[N]>;
const revision = z.object({ version: z.int(), updatedAt: instant.nullable() });
/** The answer of a settings document: what was saved and its revision, which `If-Match` compares. */
export const settingsView = <N extends SettingsName>(settingsName: N) => z.intersection(SETTINGS[settingsName], revision);
export type SettingsView<N extends SettingsName> = SettingsOf<N> & z.infer<typeof revision>;
