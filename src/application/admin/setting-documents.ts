import { DEFAULT_DATA_CLASSES } from '../../domain/policy/policy.js';
import { guardrails, policyDefaults } from '../../contracts/policy.contract.js';
import { SETTINGS, type SettingsName, type SettingsOf } from '../../contracts/project.contract.js';
import { DEFAULT_GUARDRAILS, DEFAULT_OUTCOMES, type Guardrails, type PolicyDefaults } from '../../domain/policy/policy.js';
import type { SettingStore, StoredSetting } from '../ports/governance-store.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';


/** What counts while a site has not saved a document. Reading the stored one through its schema also drops what an older release kept there. */
export const SETTING_DEFAULTS: { readonly [N in SettingsName]: SettingsOf<N> } = {
  intake: { enabled: false, projectKey: null, portalId: null, requestTypeIds: [] },
  routing: { approvers: [], securityReviewers: [], adminFallback: 'whenNoApprover' },
  sla: { reviewDueHours: 48, lapseAfterDays: 30 },
  recertification: { projectKey: null, issueTypeId: null, windowDays: 14 },
  'self-service': { extendEnabled: false, expiringSoonDays: 14 },
  'data-classes': { dataClasses: [...DEFAULT_DATA_CLASSES] },
};

/** A schema looked up by its name loses the connection between the two; a table of functions keeps it. */
const READERS: { readonly [N in SettingsName]: (value: unknown) => SettingsOf<N> } = {
  intake: (value) => SETTINGS.intake.parse(value),
  routing: (value) => SETTINGS.routing.parse(value),
  sla: (value) => SETTINGS.sla.parse(value),
  recertification: (value) => SETTINGS.recertification.parse(value),
  'self-service': (value) => SETTINGS['self-service'].parse(value),
  'data-classes': (value) => SETTINGS['data-classes'].parse(value),
};

/** The document as it counts now. */
export function readSetting<N extends SettingsName>(name: N, stored: StoredSetting | null): SettingsOf<N> {
  if (stored === null) return SETTING_DEFAULTS[name];
  return READERS[name](stored.value);
}

export async function readDataClasses(settings: SettingStore, tx: SiteTx): Promise<readonly string[]> {
  return readSetting('data-classes', await settings.find(tx, 'data-classes')).dataClasses;
}
export const readGuardrails = (stored: StoredSetting | null): Guardrails => (stored === null ? DEFAULT_GUARDRAILS : guardrails.parse(stored.value));
export const readDefaults = (stored: StoredSetting | null): PolicyDefaults => (stored === null ? DEFAULT_OUTCOMES : policyDefaults.parse(stored.value));
