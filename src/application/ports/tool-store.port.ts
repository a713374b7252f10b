import type { EntitlementGroupView, ToolView } from '../../contracts/tool.contract.js';
import type { ToolCategory } from '../../domain/catalog/api-platform.js';
import type { Risk, ToolStatus } from '../../domain/policy/policy.js';
import type { GroupApp } from '../../domain/reconciliation/group-apps.js';
import type { DriftResponse } from '../../domain/reconciliation/finding.js';
import type { Provider } from './identity-provider.port.js';
import type { SiteTx } from './unit-of-work.port.js';

export interface ToolFields {
  readonly name: string;
  readonly vendor: string;
  readonly status: ToolStatus;
  readonly risk: Risk;
  readonly maxDurationDays: number;
  readonly provider: 'none' | Provider;
  readonly connectorId: string | null;
  readonly summary: string;
  readonly owner: string | null;
  readonly pilotGroups: readonly string[];
  readonly dataClasses: readonly string[] | null;
  readonly fulfilment: 'automatic' | 'manual';
  readonly fulfilmentOwner: string | null;
  readonly fulfilmentHours: number | null;
  readonly driftResponse: DriftResponse;
  readonly category: ToolCategory;
  /** That the group controls the entitlement (SPEC K5); null: nobody says so. */
  readonly entitlementAttestation: Attestation | null;
}
/** `at`: ISO 8601 with milliseconds. */
export interface Attestation { readonly reason: string; readonly by: string; readonly at: string }
export interface ToolRow extends ToolFields {
  readonly id: string;
  readonly key: string;
  readonly rowVersion: number;
  readonly group: { readonly id: string; readonly connectorId: string; readonly externalGroupId: string; readonly confirmedAt: Date | null } | null;
}

export interface ToolStore {
  findView(tx: SiteTx, key: string): Promise<ToolView | null>;
  lock(tx: SiteTx, key: string): Promise<ToolRow | null>;
  /** False when the key is taken. `seededVersion` marks what came from the starter catalog (SPEC K2). */
  insert(tx: SiteTx, tool: ToolFields & { readonly id: string; readonly key: string; readonly seededVersion: number | null }): Promise<boolean>;
  /** Raises the row version. */
  update(tx: SiteTx, id: string, patch: Partial<ToolFields>): Promise<void>;
  /** With its group and what was accepted of it; requests and grants name tools by key and stay. */
  remove(tx: SiteTx, id: string): Promise<void>;
  /** A pending request, or access that is not over yet. */
  isInUse(tx: SiteTx, key: string): Promise<boolean>;
  hasLiveGrants(tx: SiteTx, key: string): Promise<boolean>;

  findGroup(tx: SiteTx, toolId: string): Promise<EntitlementGroupView | null>;
  /** Replaces the tool's group; a new group is unconfirmed. */
  putGroup(tx: SiteTx, group: { readonly id: string; readonly toolId: string; readonly connectorId: string; readonly externalGroupId: string; readonly name: string; readonly origin: 'created' | 'bound' }): Promise<void>;
  /** Whether another connector that leads to the same org or tenant holds this group; whoever asks until this transaction ends is answered after it. */
  isHeldByOtherConnector(tx: SiteTx, group: { readonly connectorId: string; readonly externalGroupId: string }): Promise<boolean>;
  removeGroup(tx: SiteTx, toolId: string): Promise<void>;
  /** With the applications that were read within the last quarter of an hour, which the admin has seen; otherwise the next look says what was confirmed. */
  confirmGroup(tx: SiteTx, toolId: string, by: string): Promise<void>;
  keepApps(tx: SiteTx, toolId: string, apps: readonly GroupApp[]): Promise<void>;
  /** Every change of an input of policy decisions raises the site's policy version (SPEC P5). */
  raisePolicyVersion(tx: SiteTx): Promise<number>;
}
