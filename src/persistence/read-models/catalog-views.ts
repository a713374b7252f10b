import type { ConnectorAddress } from '../../application/ports/connector-store.port.js';
import type { ConnectorTest, ConnectorView, EntitlementGroupView, IdentityMappingView, ToolRoleView, ToolView } from '../../application/ports/api-views.js';
import { credentialState } from '../../domain/connector/credential-expiry.js';

/** Catalog rows as SELECT lists, and what the API shows of them. Aliases are the fields of the row types. */
const GROUP_JSON = `json_build_object('externalGroupId', g.external_group_id, 'name', g.name, 'origin', g.origin, 'confirmedAt', g.assignment_confirmed_at, 'confirmedBy', g.assignment_confirmed_by, 'apps', g.apps, 'appsReadAt', g.apps_read_at)`;
export const ROLE_SELECT = `
  SELECT o.id, o.key, o.name, o.summary, o.risk, o.max_duration_days AS "maxDurationDays", o.requestable, o.row_version AS "version", o.created_at AS "createdAt", o.updated_at AS "updatedAt",
    CASE WHEN g.id IS NULL THEN NULL ELSE ${GROUP_JSON} END AS "group"
  FROM tool_role o LEFT JOIN entitlement_group g ON g.role_id = o.id`;
export const TOOL_SELECT = `
  SELECT t.id, t.key, t.name, t.vendor, t.status, t.risk, t.max_duration_days AS "maxDurationDays", t.provider, t.connector_id AS "connectorId", t.summary, t.owner,
    t.pilot_groups AS "pilotGroups", t.data_classes AS "dataClasses", t.fulfilment, t.fulfilment_owner AS "fulfilmentOwner", t.fulfilment_hours AS "fulfilmentHours", t.drift_response AS "driftResponse", t.category, t.entitlement_attestation AS "entitlementAttestation",
    t.row_version AS "version", t.created_at AS "createdAt", t.updated_at AS "updatedAt", CASE WHEN g.id IS NULL THEN NULL ELSE ${GROUP_JSON} END AS "group",
    (SELECT coalesce(json_agg(r ORDER BY r.key), '[]') FROM (${ROLE_SELECT} WHERE o.tool_id = t.id) r) AS roles
  FROM tool t LEFT JOIN entitlement_group g ON g.tool_id = t.id AND g.role_id IS NULL`;

export interface GroupViewRow { readonly externalGroupId: string; readonly name: string; readonly origin: 'created' | 'bound'; readonly confirmedAt: string | Date | null; readonly confirmedBy: string | null; readonly apps: EntitlementGroupView['apps']; readonly appsReadAt: string | Date | null }
export interface ToolViewRow {
  readonly id: string; readonly key: string; readonly name: string; readonly vendor: string; readonly status: ToolView['status']; readonly risk: ToolView['risk'];
  readonly maxDurationDays: number; readonly provider: ToolView['provider']; readonly connectorId: string | null; readonly summary: string; readonly owner: string | null;
  readonly pilotGroups: string[]; readonly dataClasses: string[] | null; readonly fulfilment: 'automatic' | 'manual'; readonly fulfilmentOwner: string | null; readonly fulfilmentHours: number | null; readonly driftResponse: ToolView['driftResponse']; readonly category: ToolView['category']; readonly entitlementAttestation: ToolView['entitlementAttestation'];
  readonly version: number; readonly createdAt: Date; readonly updatedAt: Date; readonly group: GroupViewRow | null; readonly roles: readonly RoleViewRow[];
}
/** Instants are text where the role came within its tool. */
export interface RoleViewRow {
  readonly id: string; readonly key: string; readonly name: string; readonly summary: string | null; readonly risk: ToolView['risk']; readonly maxDurationDays: number; readonly requestable: boolean;
  readonly version: number; readonly createdAt: Date | string; readonly updatedAt: Date | string; readonly group: GroupViewRow | null;
}

/** SPEC K1, K3: approved and pilot tools may be asked for, a pilot tool by its pilot groups only, and one with roles by a role that is open. */
const isRequestable = ({ status, roles }: Pick<ToolViewRow, 'status' | 'roles'>): boolean =>
  (status === 'approved' || status === 'pilot') && (roles.length === 0 || roles.some(({ requestable }) => requestable));

export function toToolView({ id: _id, group, roles, createdAt, updatedAt, ...row }: ToolViewRow): ToolView {
  return { ...row, requestable: isRequestable({ status: row.status, roles }), entitlementGroup: group === null ? null : toGroupView(group), roles: roles.map(toRoleView), ...changeTimes(createdAt, updatedAt) };
}
export const toRoleView = ({ id: _id, group, createdAt, updatedAt, ...row }: RoleViewRow): ToolRoleView =>
  ({ ...row, entitlementGroup: group === null ? null : toGroupView(group), ...changeTimes(new Date(createdAt), new Date(updatedAt)) });
export const toGroupView = ({ externalGroupId, name, origin, confirmedAt, confirmedBy, apps, appsReadAt }: GroupViewRow): EntitlementGroupView =>
  ({ externalGroupId, name, origin, assignmentConfirmedAt: instantOrNull(confirmedAt), assignmentConfirmedBy: confirmedBy, apps, appsReadAt: instantOrNull(appsReadAt) });

export const CONNECTOR_SELECT = `
  SELECT c.id, c.name, c.status, c.public_config AS address, c.tested_at AS "testedAt", c.test_ok AS "testOk", c.test_report AS "testReport", c.credential_expires_at AS "credentialExpiresAt", c.credential_expiry_said_by AS "credentialExpirySaidBy", domain_now() AS now, c.row_version AS version, c.created_at AS "createdAt", c.updated_at AS "updatedAt"
  FROM connector c`;
export interface ConnectorViewRow {
  readonly id: string; readonly name: string; readonly status: 'disabled' | 'enabled'; readonly address: ConnectorAddress; readonly testedAt: Date | null; readonly testOk: boolean | null;
  readonly testReport: Pick<ConnectorTest, 'abilities' | 'failure'> | null; readonly credentialExpiresAt: Date | null; readonly credentialExpirySaidBy: 'certificate' | 'admin' | null; readonly now: Date; readonly version: number; readonly createdAt: Date; readonly updatedAt: Date;
}

export function toConnectorView(row: ConnectorViewRow): ConnectorView {
  const { id, name, status, address, version } = row;
  const credential = { expiresAt: instantOrNull(row.credentialExpiresAt), saidBy: row.credentialExpirySaidBy, state: credentialState(row.credentialExpiresAt, row.now) };
  const common = { id, name, status, lastTest: lastTest(row), credential, version, ...changeTimes(row.createdAt, row.updatedAt) };
  if (address.provider === 'okta') return { ...common, provider: 'okta', orgUrl: address.orgUrl, auth: { kind: address.authKind } };
  const { tenantId, clientId, authorityHost, graphBaseUrl } = address;
  return { ...common, provider: 'entra', tenantId, clientId, authorityHost, graphBaseUrl, auth: { kind: address.authKind } };
}
function lastTest({ testedAt, testOk, testReport }: ConnectorViewRow): ConnectorTest | null {
  if (testedAt === null || testOk === null || testReport === null) return null;
  return { ok: testOk, testedAt: testedAt.toISOString(), abilities: testReport.abilities, failure: testReport.failure };
}

export const MAPPING_SELECT = `
  SELECT m.id, m.account_id AS "accountId", m.provider, m.connector_id AS "connectorId", i.login_hint AS "loginHint", m.row_version AS version, m.created_at AS "createdAt", m.updated_at AS "updatedAt",
    (SELECT count(DISTINCT o.account_id) FROM site_identity_mapping o JOIN external_identity e ON e.id = o.external_identity_id WHERE e.site_id = m.site_id AND e.identity_hash = i.identity_hash AND o.account_id <> m.account_id) AS "otherAccounts"
  FROM site_identity_mapping m JOIN external_identity i ON i.id = m.external_identity_id`;
export interface MappingViewRow { readonly id: string; readonly accountId: string; readonly provider: 'okta' | 'entra'; readonly connectorId: string; readonly loginHint: string; readonly otherAccounts: number; readonly version: number; readonly createdAt: Date; readonly updatedAt: Date }
/** Login and id are sealed for the core worker: a list shows the hint only (SPEC F14). */
export const toMappingView = ({ createdAt, updatedAt, ...row }: MappingViewRow): IdentityMappingView => ({ ...row, externalLogin: null, externalId: null, unresolved: null, ...changeTimes(createdAt, updatedAt) });

export const changeTimes = (createdAt: Date, updatedAt: Date): { readonly createdAt: string; readonly updatedAt: string } => ({ createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() });
export const instantOrNull = (at: string | Date | null): string | null => (at === null ? null : new Date(at).toISOString());
