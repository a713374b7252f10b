import { DEFAULT_DATA_CLASSES, DEFAULT_GUARDRAILS, DEFAULT_OUTCOMES, type Guardrails, type PolicyDefaults } from '../domain/policy/policy.js';
import { DEFAULT_LIMITS } from '../domain/reconciliation/breaker.js';
import { guardrails, policyDefaults } from './policy.contract.js';
import { SETTINGS, type SettingsName, type SettingsOf } from './project.contract.js';

/** A document as it is kept: what an older release wrote may still be in it. */
interface Kept { readonly value: unknown }

/** What counts while a site has not saved a document. Reading the stored one through its schema also drops what an older release kept there. */
export const SETTING_DEFAULTS: { readonly [N in SettingsName]: SettingsOf<N> } = {
  intake: { enabled: false, projectKey: null, portalId: null, requestTypeIds: [] },
  routing: { approvers: [], securityReviewers: [], adminFallback: 'whenNoApprover' },
  sla: { reviewDueHours: 48, lapseAfterDays: 30 },
  recertification: { projectKey: null, issueTypeId: null, windowDays: 14 },
  'self-service': { extendEnabled: false, expiringSoonDays: 14 },
  'data-classes': { dataClasses: [...DEFAULT_DATA_CLASSES] },
  reconciliation: { intervalHours: 24, stopAboveChanges: DEFAULT_LIMITS.minimum, stopAbovePercent: DEFAULT_LIMITS.sharePercent },
  leaver: { enabled: true, maxPersons: null, windowHours: 24 },
  retention: { auditDays: 365, externalIdentityDays: null, jobDays: 90 },
};

/** A schema looked up by its name loses the connection between the two; a table of functions keeps it. */
const READERS: { readonly [N in SettingsName]: (value: unknown) => SettingsOf<N> } = {
  intake: (value) => SETTINGS.intake.parse(value),
  routing: (value) => SETTINGS.routing.parse(value),
  sla: (value) => SETTINGS.sla.parse(value),
  recertification: (value) => SETTINGS.recertification.parse(value),
  'self-service': (value) => SETTINGS['self-service'].parse(value),
  'data-classes': (value) => SETTINGS['data-classes'].parse(value),
  reconciliation: (value) => SETTINGS.reconciliation.parse(value),
  leaver: (value) => SETTINGS.leaver.parse(value),
  retention: (value) => SETTINGS.retention.parse(value),
};

/** What a deployment's own environment says where a site has saved nothing (SPEC E11). */
export type DeploymentDefaults = { readonly [N in 'retention']: SettingsOf<N> };
/** A stored document, else the deployment's; null where only the product's default is left. */
export const keptOr = (name: SettingsName, stored: Kept | null, defaults: DeploymentDefaults): Kept | null => (stored === null && name === 'retention' ? { value: defaults.retention } : stored);

/** The document as it counts now. */
export function readSetting<N extends SettingsName>(name: N, stored: Kept | null): SettingsOf<N> {
  if (stored === null) return SETTING_DEFAULTS[name];
  return READERS[name](stored.value);
}

export const readGuardrails = (stored: Kept | null): Guardrails => (stored === null ? DEFAULT_GUARDRAILS : guardrails.parse(stored.value));
export const readDefaults = (stored: Kept | null): PolicyDefaults => (stored === null ? DEFAULT_OUTCOMES : policyDefaults.parse(stored.value));
