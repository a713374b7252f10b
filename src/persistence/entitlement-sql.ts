/**
 * Joins to tool `t` what one entitlement of it is given through: its role `o`, named by the SQL expression `roleKey`, and its group `e` (SPEC K3). Without a role that is the
 * tool's own group; of a role that the tool does not have, it is none.
 */
export const joinEntitlement = (roleKey: string): string => `LEFT JOIN tool_role o ON o.tool_id = t.id AND o.key = ${roleKey}
  LEFT JOIN entitlement_group e ON e.tool_id = t.id AND CASE WHEN ${roleKey} IS NULL THEN e.role_id IS NULL ELSE e.role_id = o.id END`;
