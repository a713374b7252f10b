import type { EntitlementGroupView } from '../../contracts/entitlement-group.contract.js';
import type { ToolView } from '../../contracts/tool.contract.js';
import type { ToolCategory } from '../../domain/catalog/api-platform.js';
import type { Entitlement } from '../../domain/catalog/entitlement.js';
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
/** A tool's group or one of its roles': `roleId` null is the tool's own. */
export interface GroupOwner { readonly toolId: string; readonly roleId: string | null }
export interface GroupRow { readonly id: string; readonly connectorId: string; readonly externalGroupId: string; readonly confirmedAt: Date | null }
export interface ToolRow extends ToolFields {
  readonly id: string;
  readonly key: string;
  readonly rowVersion: number;
  /** The tool's own. */
  readonly group: GroupRow | null;
}

export interface ToolStore {
  findView(tx: SiteTx, key: string): Promise<ToolView | null>;
  lock(tx: SiteTx, key: string): Promise<ToolRow | null>;
  /** False when the key is taken. `seededVersion` marks what came from the starter catalog (SPEC K2). */
  insert(tx: SiteTx, tool: ToolFields & { readonly id: string; readonly key: string; readonly seededVersion: number | null }): Promise<boolean>;
  /** Raises the row version. */
  update(tx: SiteTx, id: string, patch: Partial<ToolFields>): Promise<void>;
  /** With its roles, their groups and what was accepted of them; requests and grants name tools by key and stay. */
  remove(tx: SiteTx, id: string): Promise<void>;
  /** A pending request, or access that is not over yet. */
  isInUse(tx: SiteTx, toolKey: string): Promise<boolean>;
  hasLiveGrants(tx: SiteTx, toolKey: string): Promise<boolean>;
  /** The same of exactly this: one role, or the tool without any. */
  isEntitlementInUse(tx: SiteTx, of: Entitlement): Promise<boolean>;
  hasLiveGrantsOf(tx: SiteTx, of: Entitlement): Promise<boolean>;

  findGroup(tx: SiteTx, of: GroupOwner): Promise<EntitlementGroupView | null>;
  /** Takes the place of the present one; a new group is unconfirmed. */
  putGroup(tx: SiteTx, group: GroupOwner & { readonly id: string; readonly connectorId: string; readonly externalGroupId: string; readonly name: string; readonly origin: 'created' | 'bound' }): Promise<void>;
  /** Whether another tool that has this group, or one of those that the tool has, is fulfilled the other way: by people instead of by the product, or the reverse. */
  isFulfilledOtherwise(tx: SiteTx, of: { readonly toolId: string; readonly fulfilment: 'automatic' | 'manual'; readonly group: { readonly connectorId: string; readonly externalGroupId: string } | null }): Promise<boolean>;
  /** Whether another connector that leads to the same org or tenant holds this group, ids of Entra groups being unique in the world; whoever asks until this transaction ends is answered after it. */
  isHeldByOtherConnector(tx: SiteTx, group: { readonly connectorId: string; readonly externalGroupId: string }): Promise<boolean>;
  /** The tool's own and those of its roles, with what was accepted of them. */
  removeGroups(tx: SiteTx, toolId: string): Promise<void>;
  /** With the applications that were read within the last quarter of an hour, which the admin has seen; otherwise the next look says what was confirmed. */
  confirmGroup(tx: SiteTx, of: GroupOwner, by: string): Promise<void>;
  keepApps(tx: SiteTx, of: GroupOwner, apps: readonly GroupApp[]): Promise<void>;
  /** Every change of an input of policy decisions raises the site's policy version (SPEC P5). */
  raisePolicyVersion(tx: SiteTx): Promise<number>;
}
