import { ROLES } from './row-level-security.js';

const { keeper } = ROLES;
const bySite = "site_id = current_setting('aic.site_id', true)";

/** The keeper replaces sealed values while keys are rotated: it sees those columns, what they are bound to, and nothing else (ADR 0009). */
export const KEEPER_DDL = `
GRANT USAGE ON SCHEMA public TO ${keeper};
GRANT SELECT ON clock_offset TO ${keeper};
GRANT SELECT (id, jira_auth_sealed), UPDATE (jira_auth_sealed) ON site TO ${keeper};
GRANT SELECT (id, site_id, sealed_config), UPDATE (sealed_config) ON connector TO ${keeper};
GRANT SELECT (id, site_id, connector_id, sealed), UPDATE (sealed) ON external_identity TO ${keeper};
GRANT SELECT (id, site_id, connector_id, sealed_identity), UPDATE (sealed_identity) ON leaver_hint TO ${keeper};
GRANT SELECT (id, site_id, connector_id, sealed_logins), UPDATE (sealed_logins) ON mapping_import_batch TO ${keeper};
GRANT SELECT (id, site_id, sealed, sealed_field), UPDATE (sealed) ON command TO ${keeper};
GRANT INSERT ON audit_outbox TO ${keeper};
CREATE POLICY keeper_site ON site FOR UPDATE TO ${keeper} USING (id = current_setting('aic.site_id', true));
CREATE POLICY keeper_fence ON connector TO ${keeper} USING (${bySite}) WITH CHECK (${bySite});
CREATE POLICY keeper_fence ON external_identity TO ${keeper} USING (${bySite}) WITH CHECK (${bySite});
CREATE POLICY keeper_fence ON leaver_hint TO ${keeper} USING (${bySite}) WITH CHECK (${bySite});
CREATE POLICY keeper_fence ON mapping_import_batch TO ${keeper} USING (${bySite}) WITH CHECK (${bySite});
CREATE POLICY keeper_fence ON command TO ${keeper} USING (${bySite}) WITH CHECK (${bySite});
CREATE POLICY keeper_fence ON audit_outbox FOR INSERT TO ${keeper} WITH CHECK (${bySite});
`;
