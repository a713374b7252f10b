import { readSetting } from '../../contracts/setting-documents.js';
import type { Principal } from '../../application/ports/api-commands.port.js';
import type { PortalQueries } from '../../application/ports/api-queries.port.js';
import { SNAPSHOT_FIELD, type PortalContext, type PortalContextQuery, type SettingsOf } from '../../application/ports/api-views.js';
import { MAX_LIFE_DAYS } from '../../domain/policy/policy.js';
import { PgSettingStore } from '../stores/setting.store.js';
import type { PgUnitOfWork } from '../unit-of-work.js';

export class PgPortalQueries implements PortalQueries {
  private readonly documents = new PgSettingStore();
  constructor(private readonly uow: PgUnitOfWork) {}

  /** Approved tools only: a pilot is requestable by its groups and listed to nobody (SPEC K1, U10). */
  context({ siteId }: Principal, query: PortalContextQuery): Promise<PortalContext> {
    return this.uow.run(siteId, async (tx) => {
      const reason = gateReason(readSetting('intake', await this.documents.find(tx, 'intake')), query);
      const { dataClasses } = readSetting('data-classes', await this.documents.find(tx, 'data-classes'));
      const tools = await tx.query<PortalContext['tools'][number]>(
        `SELECT t.key, t.name, t.vendor, t.risk, t.max_duration_days AS "maxDurationDays", t.summary,
           (SELECT coalesce(json_agg(json_build_object('key', o.key, 'name', o.name, 'summary', o.summary, 'risk', o.risk, 'maxDurationDays', least(o.max_duration_days, t.max_duration_days)) ORDER BY o.name, o.key), '[]')
              FROM tool_role o WHERE o.tool_id = t.id AND o.requestable) AS roles
         FROM tool t WHERE t.site_id = $1 AND t.status = 'approved' AND (NOT EXISTS (SELECT 1 FROM tool_role o WHERE o.tool_id = t.id) OR EXISTS (SELECT 1 FROM tool_role o WHERE o.tool_id = t.id AND o.requestable)) ORDER BY t.name, t.key`, [siteId]);
      return { enabled: reason === null, reason, tools, dataClasses, durationDays: { min: 1, max: MAX_LIFE_DAYS }, snapshotField: SNAPSHOT_FIELD };
    });
  }
}

/** Why the panel is off here, in words for the person who looks at it (SPEC I1); what the caller does not name is not compared. */
function gateReason(intake: SettingsOf<'intake'>, { projectKey, portalId, requestTypeId }: PortalContextQuery): PortalContext['reason'] {
  if (!intake.enabled || intake.projectKey === null) return { code: 'intake.not_configured', message: 'Requests for AI tools are not set up on this site yet.' };
  const otherPortal = (projectKey !== undefined && projectKey !== intake.projectKey) || (portalId !== undefined && intake.portalId !== null && portalId !== intake.portalId);
  if (otherPortal) return { code: 'portal.not_enabled', message: 'AI tools are not requested in this portal.' };
  if (requestTypeId !== undefined && !intake.requestTypeIds.includes(requestTypeId)) return { code: 'request_type.not_enabled', message: 'AI tools are not requested with this request type.' };
  return null;
}
