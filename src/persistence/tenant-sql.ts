/** Condition: two rows of `connector`, given by their aliases, lead to one org or tenant. An id of a person or group means something within it alone. */
export const sameTenant = (a: string, b: string): string => `(${a}.id = ${b}.id OR (${a}.provider = ${b}.provider AND ${tenantOf(a)} = ${tenantOf(b)}))`;
const tenantOf = (connector: string): string => `lower(coalesce(${connector}.public_config ->> 'orgUrl', ${connector}.public_config ->> 'tenantId'))`;
