/** Second fence between sites (DESIGN, tenancy): forced row-level security, the site set per transaction; and the least each process may do. */
const SITE_TABLES = [
  'site_setting', 'command', 'rate_event', 'intake_event', 'ticket_outbox', 'project_registry', 'connector', 'tool', 'tool_role', 'entitlement_group',
  'external_identity', 'site_identity_mapping', 'baseline_access', 'approval_policy', 'request', 'review', 'membership',
  'access_grant', 'provisioning_job', 'membership_intent', 'manual_action', 'reconciliation_record', 'reconciliation_group',
  'reconciliation_sighting', 'reconciliation_difference', 'finding', 'mass_action', 'mass_action_item', 'access_block', 'leaver_hint', 'event_hook',
  'mapping_import', 'mapping_import_batch', 'mapping_import_row',
] as const;
const CORE_TABLES = ['core_fence', 'core_answer'] as const;
const AUDIT_TABLES = ['audit_outbox', 'audit_event', 'audit_head', 'audit_verification'] as const;

/** Database roles by process; created by bootstrap, none of them owner or superuser. */
export const ROLES = { api: 'aic_api', governance: 'aic_governance', core: 'aic_core', sealer: 'aic_sealer', keeper: 'aic_keeper' } as const;

const bySite = "site_id = current_setting('aic.site_id', true)";
const fence = (table: string, roles: string): string => `
  ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
  ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
  CREATE POLICY site_fence ON ${table} TO ${roles} USING (${bySite}) WITH CHECK (${bySite});`;

/** A site's Jira credential can be read only while that site is being worked on; privileges of columns can't say so, a function of the owner can. */
const jiraCredential = (roles: string): string => `
  CREATE FUNCTION site_jira_auth_sealed() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
    $$ SELECT jira_auth_sealed FROM public.site WHERE id = current_setting('aic.site_id', true) $$;
  REVOKE ALL ON FUNCTION site_jira_auth_sealed() FROM PUBLIC; GRANT EXECUTE ON FUNCTION site_jira_auth_sealed() TO ${roles};`;

export function fenceSites(): string {
  const both = `${ROLES.api}, ${ROLES.governance}`;
  return [
    `GRANT USAGE ON SCHEMA public TO ${both}, ${ROLES.core}, ${ROLES.sealer};`,
    // Sites are listed by every process (work across sites iterates over them); their rows are the owner's, but for what the site that is set counts up.
    `GRANT SELECT ON clock_offset TO ${both}, ${ROLES.core}, ${ROLES.sealer};`,
    `GRANT SELECT (id, name, time_zone, cloud_id, installation_id, jira_base_url, jira_property_key, licence, policy_version, created_at) ON site TO ${both};`,
    `GRANT SELECT (id) ON site TO ${ROLES.core}, ${ROLES.sealer};`,
    `GRANT UPDATE (policy_version, licence) ON site TO ${both};`,
    `ALTER TABLE site ENABLE ROW LEVEL SECURITY; ALTER TABLE site FORCE ROW LEVEL SECURITY;`,
    `CREATE POLICY site_owner ON site TO CURRENT_USER USING (true) WITH CHECK (true); CREATE POLICY site_read ON site FOR SELECT USING (true);`,
    `CREATE POLICY site_write ON site FOR UPDATE TO ${both} USING (id = current_setting('aic.site_id', true));`,
    jiraCredential(both),
    // An event names a connector and no site: the API finds the site by it.
    `CREATE POLICY event_hook_read ON event_hook FOR SELECT TO ${ROLES.api} USING (true);`,
    ...SITE_TABLES.map((table) => `${fence(table, both)} GRANT SELECT, INSERT, UPDATE ON ${table} TO ${both};`),
    `GRANT DELETE ON tool, tool_role, connector, entitlement_group, site_identity_mapping, external_identity, approval_policy, project_registry, baseline_access, rate_event, mapping_import, mapping_import_batch, mapping_import_row TO ${both};`,
    `GRANT DELETE ON provisioning_job, command, reconciliation_sighting, reconciliation_difference, leaver_hint TO ${ROLES.governance};`,
    ...CORE_TABLES.map((table) => `${fence(table, ROLES.core)} GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO ${ROLES.core};`),
    `GRANT SELECT, INSERT, UPDATE ON provider_budget TO ${ROLES.core};`,
    `GRANT SELECT, INSERT, DELETE ON core_nonce TO ${ROLES.core}; GRANT SELECT, INSERT, DELETE ON service_nonce TO ${ROLES.api};`,
    ...AUDIT_TABLES.map((table) => fence(table, both)),
    ...AUDIT_TABLES.map((table) => `CREATE POLICY sealer_all ON ${table} TO ${ROLES.sealer} USING (true) WITH CHECK (true);`),
    `GRANT INSERT ON audit_outbox TO ${both};`,
    `GRANT SELECT ON audit_outbox, audit_event, audit_head TO ${both};`,
    `GRANT SELECT, INSERT ON audit_verification TO ${both};`,
    `GRANT SELECT, DELETE ON audit_outbox TO ${ROLES.sealer};`,
    `GRANT SELECT, INSERT ON audit_event TO ${ROLES.sealer};`,
    `GRANT SELECT, INSERT, UPDATE ON audit_head TO ${ROLES.sealer};`,
  ].join('\n');
}
