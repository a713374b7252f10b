import type { ApprovalPolicyView } from '../../contracts/policy.contract.js';
import type { ProjectView } from '../../contracts/project.contract.js';
import type { AutoApprovalPolicy } from '../../domain/policy/policy.js';
import type { SiteTx } from './unit-of-work.port.js';

export type PolicyFields = Omit<AutoApprovalPolicy, 'id'>;
export interface PolicyStore {
  findView(tx: SiteTx, id: string): Promise<ApprovalPolicyView | null>;
  lock(tx: SiteTx, id: string): Promise<(AutoApprovalPolicy & { readonly rowVersion: number }) | null>;
  /** Holds off other writers of names until the transaction ends, so that the answer stays true. */
  isNameTaken(tx: SiteTx, name: string, exceptId: string | null): Promise<boolean>;
  /** Whether any names exactly this, of the tools and roles that it covers. */
  isNamed(tx: SiteTx, entitlement: string): Promise<boolean>;
  insert(tx: SiteTx, policy: AutoApprovalPolicy): Promise<void>;
  /** Raises the row version. */
  update(tx: SiteTx, id: string, fields: PolicyFields): Promise<void>;
  remove(tx: SiteTx, id: string): Promise<void>;
}

export interface ProjectFields {
  readonly enabled: boolean;
  readonly approvers: readonly string[];
  readonly securityReviewers: readonly string[];
  readonly adminFallback: 'never' | 'whenNoApprover' | 'always';
  readonly approveTransitions: readonly string[];
  readonly denyTransitions: readonly string[];
}
export interface ProjectStore {
  findView(tx: SiteTx, key: string): Promise<ProjectView | null>;
  lock(tx: SiteTx, key: string): Promise<(ProjectFields & { readonly id: string; readonly rowVersion: number }) | null>;
  /** False when the key is registered already. */
  insert(tx: SiteTx, project: ProjectFields & { readonly id: string; readonly key: string }): Promise<boolean>;
  update(tx: SiteTx, id: string, fields: ProjectFields): Promise<void>;
  remove(tx: SiteTx, id: string): Promise<void>;
  /** Keys of the enabled projects. */
  listEnabledKeys(tx: SiteTx): Promise<readonly string[]>;
}

/** Documents of a site, each one row. */
export type SettingDocument = 'intake' | 'routing' | 'sla' | 'recertification' | 'retention' | 'self-service' | 'guardrails' | 'defaults' | 'data-classes' | 'reconciliation' | 'leaver';
export interface StoredSetting { readonly value: unknown; readonly version: number; readonly updatedAt: Date }
export interface SettingStore {
  /** Null while the site has not saved it: then the product's default counts, as version 0. */
  find(tx: SiteTx, name: SettingDocument): Promise<StoredSetting | null>;
  /** Like find, and holds off other writers of this document until the transaction ends, also while it has no row. */
  lock(tx: SiteTx, name: SettingDocument): Promise<StoredSetting | null>;
  put(tx: SiteTx, name: SettingDocument, value: unknown): Promise<StoredSetting>;
}

export interface SiteRow {
  readonly id: string;
  readonly timeZone: string;
  readonly licence: 'active' | 'inactive' | 'notReported';
  readonly jiraBaseUrl: string | null;
  /** JSON of `JiraConnection['auth']`, sealed for `jiraCredentialContext`. */
}
export interface SiteStore {
  get(tx: SiteTx): Promise<SiteRow>;
}
