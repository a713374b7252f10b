import type { ToolFulfilment } from '../../application/ports/record.port.js';
import type { Routing } from '../../domain/approval/routing.js';
import type { Entitlement } from '../../domain/catalog/entitlement.js';
import type { AccessBlock } from '../../domain/policy/block.js';
import { readDefaults, readGuardrails, readSetting } from '../../contracts/setting-documents.js';
import type { SettingsName, SettingsOf } from '../../contracts/project.contract.js';
import type { AutoApprovalPolicy, PolicyFacts, PolicyTool } from '../../domain/policy/policy.js';
import { joinEntitlement } from '../entitlement-sql.js';
import { accountsOfPerson, listedAliases, routingOf, stoppedWith } from '../routing-sql.js';
import { fromRow } from '../rows.js';
import { sameTenant } from '../tenant-sql.js';
import type { PgSiteTx } from '../unit-of-work.js';

/** First number of the gate's advisory lock; the second is the site's. Decisions pass it together, a new block passes it alone (ADR 0012). */
const GATE = 4205;
/** Waits for a block that is being committed; held until the transaction ends, so that a later block's list of what to end has this decision in it. */
export async function passGate(tx: PgSiteTx): Promise<void> {
  await tx.keyed('SELECT pg_advisory_xact_lock_shared($1, hashtext($2))', [GATE, tx.siteId]);
}
/** Waits for every decision that is under way; the next ones wait for this transaction. */
export async function closeGate(tx: PgSiteTx): Promise<void> {
  await tx.keyed('SELECT pg_advisory_xact_lock($1, hashtext($2))', [GATE, tx.siteId]);
}

/**
 * Whether block `b` is in force over this tool, person and connector, each an SQL expression; the tool's own connector is looked at beside the given one. Of the site `$1`.
 * A kill switch on one account of a person stands over the others, as they are mapped now; a leaver's case is an account's own. Mappings are read for such blocks only.
 */
export const blockStands = (b: string, on: { readonly tool: string; readonly person: string; readonly connector: string }): string =>
  `${b}.site_id = $1 AND ${b}.ended_at IS NULL AND ((${b}.scope = 'tool' AND ${b}.key = ${on.tool}) OR (${b}.scope = 'person' AND (${b}.key = ${on.person} OR (${b}.source = 'killSwitch' AND ${b}.key = ANY (${stoppedWith('$1', on.person)})))) OR (${b}.scope = 'connector' AND (${b}.key = ${on.connector} OR ${b}.key IN (
     SELECT coalesce(eg.connector_id, ot.connector_id) FROM tool ot LEFT JOIN entitlement_group eg ON eg.tool_id = ot.id WHERE ot.site_id = $1 AND ot.key = ${on.tool}))))`;

/** A document as a sub-select gives it: null where the site has saved none. */
const keptAs = (value: unknown): { readonly value: unknown } | null => (value === null ? null : { value });

/** Everything a policy decision of a tool depends on, in one statement: what an admin changes meanwhile is seen by the next decision. */
export async function policyFacts(tx: PgSiteTx, { toolKey, roleKey, accountId, connectorId }: Entitlement & { readonly accountId: string; readonly connectorId: string | null }): Promise<Omit<PolicyFacts, 'asked'>> {
  // The gate is a statement of its own, sent before: the other's snapshot is taken after the wait (ADR 0016).
  const [, [row]] = await Promise.all([passGate(tx), tx.keyed<{
    version: number; guardrails: unknown; defaults: unknown; classes: unknown;
    tool: PolicyTool | null; policies: AutoApprovalPolicy[]; blocks: AccessBlock[];
  }>(
    `SELECT s.policy_version AS version,
       (SELECT value FROM site_setting WHERE site_id = $1 AND name = 'guardrails') AS guardrails,
       (SELECT value FROM site_setting WHERE site_id = $1 AND name = 'defaults') AS defaults,
       (SELECT value FROM site_setting WHERE site_id = $1 AND name = 'data-classes') AS classes,
       (SELECT json_build_object('key', key, 'status', status, 'risk', risk, 'maxDurationDays', max_duration_days, 'pilotGroups', pilot_groups, 'dataClasses', data_classes,
          'hasRoles', EXISTS (SELECT 1 FROM tool_role o WHERE o.tool_id = tool.id),
          'role', (SELECT json_build_object('key', o.key, 'name', o.name, 'risk', o.risk, 'maxDurationDays', o.max_duration_days, 'requestable', o.requestable) FROM tool_role o WHERE o.tool_id = tool.id AND o.key = $5))
          FROM tool WHERE site_id = $1 AND key = $2) AS tool,
       coalesce((SELECT json_agg(json_build_object('id', id, 'name', name, 'projectKey', project_key, 'toolKeys', coalesce(to_json(tool_keys), to_json('all'::text)), 'autoApprove', auto_approve,
          'jiraGroups', jira_groups, 'maxDurationDays', max_duration_days, 'enabled', enabled) ORDER BY created_at, id) FROM approval_policy WHERE site_id = $1), '[]') AS policies,
       coalesce((SELECT json_agg(json_build_object('scope', b.scope, 'key', b.key, 'source', b.source, 'reason', b.reason) ORDER BY b.created_at, b.id) FROM access_block b WHERE ${blockStands('b', { tool: '$2', person: '$3', connector: '$4' })}), '[]') AS blocks
     FROM site s WHERE s.id = $1`,
    [tx.siteId, toolKey, accountId, connectorId, roleKey],
  )]);
  if (row === undefined) throw new Error(`site ${tx.siteId} is not registered`);
  return {
    version: row.version,
    guardrails: readGuardrails(keptAs(row.guardrails)),
    defaults: readDefaults(keptAs(row.defaults)),
    policies: row.policies,
    dataClasses: readSetting('data-classes', keptAs(row.classes)).dataClasses,
    tool: row.tool,
    blocks: row.blocks,
  };
}

export async function toolFulfilment(tx: PgSiteTx, { toolKey, roleKey }: Entitlement): Promise<ToolFulfilment | null> {
  const [row] = await tx.keyed<ToolFulfilment>(
    `SELECT CASE WHEN o.id IS NULL THEN t.name ELSE t.name || ' (' || o.name || ')' END AS name, t.provider, coalesce(o.risk, t.risk) AS risk, t.fulfilment, t.fulfilment_owner AS "fulfilmentOwner", t.fulfilment_hours AS "fulfilmentHours",
       CASE WHEN e.id IS NULL THEN NULL ELSE json_build_object('connectorId', e.connector_id, 'externalGroupId', e.external_group_id, 'confirmed', e.assignment_confirmed_at IS NOT NULL) END AS "group",
       CASE WHEN c.id IS NULL THEN NULL ELSE json_build_object('id', c.id, 'name', c.name, 'enabled', c.status = 'enabled') END AS connector
     FROM tool t ${joinEntitlement('$3::text')} LEFT JOIN connector c ON c.id = coalesce(e.connector_id, t.connector_id)
     WHERE t.site_id = $1 AND t.key = $2`,
    [tx.siteId, toolKey, roleKey],
  );
  return row ?? null;
}

/** Who decides in this project (SPEC A2); `spent`: the requester and who voted already. */
export async function routing(tx: PgSiteTx, projectKey: string, spent: readonly string[]): Promise<Routing> {
  const [row] = await tx.keyed<Routing>(
    `SELECT o.approvers, o.security_reviewers AS "securityReviewers", o.admin_fallback AS "adminFallback", ${listedAliases('$1', 'o', '$3::text[]')} AS aliases FROM (${routingOf('$1', '$2')}) o`,
    [tx.siteId, projectKey, spent],
  );
  if (row === undefined) throw new Error(`project ${projectKey} has no routing`);
  return row;
}

export async function transitionNames(tx: PgSiteTx, projectKey: string): Promise<{ readonly approve: readonly string[]; readonly deny: readonly string[] }> {
  const [row] = await tx.keyed<{ approve: string[]; deny: string[] }>('SELECT approve_transitions AS approve, deny_transitions AS deny FROM project_registry WHERE site_id = $1 AND key = $2', [tx.siteId, projectKey]);
  return row ?? { approve: [], deny: [] };
}

/** Who the account is where this connector leads: as resolved through it, otherwise through another one of the same org or tenant. */
export async function mappedIdentity(tx: PgSiteTx, accountId: string, connectorId: string): Promise<{ readonly externalIdentityId: string } | null> {
  const [row] = await tx.keyed<Record<string, unknown>>(
    `SELECT m.external_identity_id FROM site_identity_mapping m JOIN connector own ON own.id = m.connector_id JOIN connector wanted ON wanted.site_id = m.site_id AND wanted.id = $3
     WHERE m.site_id = $1 AND m.account_id = $2 AND ${sameTenant('own', 'wanted')}
     ORDER BY own.id = wanted.id DESC, m.created_at, m.id LIMIT 1`,
    [tx.siteId, accountId, connectorId],
  );
  return row === undefined ? null : fromRow(row);
}

export async function isSameIdentity(tx: PgSiteTx, a: string, b: string): Promise<boolean> {
  const rows = await tx.keyed('SELECT 1 FROM external_identity one JOIN external_identity other ON other.site_id = one.site_id AND other.identity_hash = one.identity_hash WHERE one.site_id = $1 AND one.id = $2 AND other.id = $3', [tx.siteId, a, b]);
  return rows.length > 0;
}

export async function sharesIdentity(tx: PgSiteTx, accountA: string, accountB: string): Promise<boolean> {
  if (accountA === accountB) return true;
  const rows = await tx.keyed(`SELECT 1 FROM (${accountsOfPerson('$1', '$2')}) same WHERE same.account_id = $3 LIMIT 1`, [tx.siteId, accountA, accountB]);
  return rows.length > 0;
}

/** The document as it counts now. */
export async function setting<N extends SettingsName>(tx: PgSiteTx, name: N): Promise<SettingsOf<N>> {
  const [row] = await tx.keyed<{ value: unknown }>('SELECT value FROM site_setting WHERE site_id = $1 AND name = $2', [tx.siteId, name]);
  return readSetting(name, row ?? null);
}

export async function sealedOrder(tx: PgSiteTx, membershipId: string): Promise<{ provider: 'okta' | 'entra'; connectorId: string; sealedConfig: string; externalGroupId: string; sealedIdentity: string; identityConnectorId: string } | null> {
  const [row] = await tx.keyed<{ provider: 'okta' | 'entra'; connectorId: string; sealedConfig: string; externalGroupId: string; sealedIdentity: string; identityConnectorId: string }>(
    `SELECT c.provider, c.id AS "connectorId", c.sealed_config AS "sealedConfig", m.external_group_id AS "externalGroupId", i.sealed AS "sealedIdentity", i.connector_id AS "identityConnectorId"
     FROM membership m JOIN connector c ON c.id = m.connector_id JOIN external_identity i ON i.id = m.external_identity_id WHERE m.site_id = $1 AND m.id = $2`,
    [tx.siteId, membershipId],
  );
  return row ?? null;
}
