/** What a request asks for and a grant gives: a tool, or one of its roles (SPEC K3). Keys as the catalog has them. */
export interface Entitlement {
  readonly toolKey: string;
  /** Null: the tool itself. */
  readonly roleKey: string | null;
}
/** An entitlement that is one of a tool's roles. */
export interface RoleEntitlement extends Entitlement { readonly roleKey: string }

/** `tool` or `tool/role`: how approval policies, lists and the engine's screens name it. */
export const entitlementName = ({ toolKey, roleKey }: Entitlement): string => (roleKey === null ? toolKey : `${toolKey}/${roleKey}`);

/** How an audit entry's subject names it: without a role, no key for one. */
export const entitlementSubject = ({ toolKey, roleKey }: Entitlement): { readonly toolKey: string; readonly roleKey?: string } => (roleKey === null ? { toolKey } : { toolKey, roleKey });
