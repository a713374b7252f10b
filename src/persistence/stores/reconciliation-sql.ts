import { PROVIDER_LAG_MS } from '../../domain/provisioning/provisioning.js';
import { joinEntitlement } from '../entitlement-sql.js';

/** {@link PROVIDER_LAG_MS} as an interval. */
const LAG = `interval '${PROVIDER_LAG_MS} milliseconds'`;

/**
 * Parameters: $1 site, $2 connector, $3 group, $4 hashes, $5 since. One row for each hash with what the record says of that person and that group. A membership
 * that never had a grant (a member removed for a finding) counts as none. A proposal of baseline access that nobody accepted explains nobody who had a grant since: its end removed
 * the person, and whoever is there again is ended access (SPEC D1, K4). A person has one hash, whichever connector of the org or tenant resolved them.
 */
export const RECORDED_MEMBERS = `
SELECT l.hash AS "identityHash", i.id AS "externalIdentityId", i.login_hint AS "loginHint",
  ARRAY(SELECT DISTINCT p.account_id FROM site_identity_mapping p JOIN external_identity x ON x.id = p.external_identity_id WHERE x.site_id = $1 AND x.identity_hash = l.hash ORDER BY 1) AS "accountIds",
  EXISTS (SELECT 1 FROM baseline_access b JOIN entitlement_group e ON e.id = b.entitlement_group_id
    WHERE b.site_id = $1 AND e.connector_id = $2 AND e.external_group_id = $3 AND b.reference_hash = l.hash AND (b.accepted_at IS NOT NULL OR COALESCE(g."grants", 0) = 0)) AS baseline,
  EXISTS (SELECT 1 FROM site_identity_mapping p JOIN external_identity x ON x.id = p.external_identity_id JOIN access_grant a ON a.site_id = $1 AND a.account_id = p.account_id
    JOIN tool t ON t.site_id = $1 AND t.key = a.tool_key ${joinEntitlement('a.role_key')}
    WHERE p.site_id = $1 AND x.site_id = $1 AND x.identity_hash = l.hash AND e.connector_id = $2 AND e.external_group_id = $3
      AND a.membership_id IS NULL AND a.status IN ('pendingProvision', 'active', 'suspended', 'removing')) AS "grantedByHand",
  m.id AS "membershipId", m.desired, m.read_back_generation = m.generation AS "readBack",
  COALESCE(m.touched_at < $5::timestamptz - ${LAG}
    AND NOT EXISTS (SELECT 1 FROM membership_intent o WHERE o.site_id = $1 AND o.membership_id = m.id AND o.ended_at IS NULL AND o.deadline_at > clock_timestamp() - ${LAG}), true) AS settled,
  COALESCE((SELECT bool_or(true) FROM membership_intent o WHERE o.site_id = $1 AND o.membership_id = m.id AND o.desired = 'present'
    AND (o.ended_at IS NULL OR o.outcome IN ('unknown', 'resolved')) AND o.generation IS DISTINCT FROM m.read_back_generation), false) AS "addUnresolved",
  g.*
FROM unnest($4::text[]) AS l (hash)
LEFT JOIN LATERAL (
  SELECT k.* FROM membership k JOIN external_identity x ON x.id = k.external_identity_id
  WHERE x.site_id = $1 AND x.identity_hash = l.hash AND k.site_id = $1 AND k.connector_id = $2 AND k.external_group_id = $3 ORDER BY k.desired = 'present' DESC, k.touched_at DESC LIMIT 1) m ON true
LEFT JOIN LATERAL (
  SELECT x.id, x.login_hint FROM external_identity x WHERE x.site_id = $1 AND x.identity_hash = l.hash ORDER BY x.id IS NOT DISTINCT FROM m.external_identity_id DESC, x.connector_id = $2 DESC, x.id LIMIT 1) i ON true
LEFT JOIN LATERAL (
  SELECT count(*)::int AS "grants",
    count(*) FILTER (WHERE a.status IN ('pendingProvision', 'active', 'suspended'))::int AS "openGrants",
    count(*) FILTER (WHERE a.status = 'active')::int AS "activeGrants",
    count(*) FILTER (WHERE a.status = 'removing')::int AS "removingGrants",
    COALESCE(json_agg(json_build_object('requestId', a.request_id, 'grantId', a.id, 'toolKey', a.tool_key) ORDER BY a.id) FILTER (WHERE a.status = 'active'), '[]') AS "activeRequests",
    (array_agg(json_build_object('requestId', a.request_id, 'grantId', a.id, 'toolKey', a.tool_key) ORDER BY a.ended_at DESC NULLS LAST, a.id) FILTER (WHERE a.status IN ('expired', 'revoked')))[1] AS "endedRequest"
  FROM access_grant a WHERE a.site_id = $1 AND a.membership_id = m.id) g ON true`;

/** An open grant that wants the person there explains them. */
export const SUSPICIOUS = `WHERE NOT (m.desired IS NOT DISTINCT FROM 'present' AND g."openGrants" > 0)`;

/** People whom an active grant put there and saw there. Parameters: $1 site, $2 connector, $3 group. */
export const EXPECTED = `
FROM membership m JOIN external_identity i ON i.id = m.external_identity_id
WHERE m.site_id = $1 AND m.connector_id = $2 AND m.external_group_id = $3 AND m.desired = 'present' AND m.read_back_generation = m.generation
  AND EXISTS (SELECT 1 FROM access_grant a WHERE a.site_id = $1 AND a.membership_id = m.id AND a.status = 'active')`;
