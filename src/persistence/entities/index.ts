import { AccessBlockEntity } from './access-block.entity.js';
import { AccessGrantEntity } from './access-grant.entity.js';
import { ApprovalPolicyEntity } from './approval-policy.entity.js';
import { AuditEventEntity } from './audit-event.entity.js';
import { AuditHeadEntity } from './audit-head.entity.js';
import { AuditOutboxEntity } from './audit-outbox.entity.js';
import { AuditVerificationEntity } from './audit-verification.entity.js';
import { BaselineAccessEntity } from './baseline-access.entity.js';
import { ClockOffsetEntity } from './clock-offset.entity.js';
import { CommandEntity } from './command.entity.js';
import { ConnectorEntity } from './connector.entity.js';
import { CoreAnswerEntity } from './core-answer.entity.js';
import { CoreFenceEntity } from './core-fence.entity.js';
import { CoreNonceEntity } from './core-nonce.entity.js';
import { EntitlementGroupEntity } from './entitlement-group.entity.js';
import { EventHookEntity } from './event-hook.entity.js';
import { ExternalIdentityEntity } from './external-identity.entity.js';
import { FindingEntity } from './finding.entity.js';
import { IntakeEventEntity } from './intake-event.entity.js';
import { LeaverHintEntity } from './leaver-hint.entity.js';
import { ManualActionEntity } from './manual-action.entity.js';
import { MappingImportBatchEntity } from './mapping-import-batch.entity.js';
import { MappingImportRowEntity } from './mapping-import-row.entity.js';
import { MappingImportEntity } from './mapping-import.entity.js';
import { MassActionEntity } from './mass-action.entity.js';
import { MassActionItemEntity } from './mass-action-item.entity.js';
import { MembershipEntity } from './membership.entity.js';
import { MembershipIntentEntity } from './membership-intent.entity.js';
import { ProjectRegistryEntity } from './project-registry.entity.js';
import { ProviderBudgetEntity } from './provider-budget.entity.js';
import { ProvisioningJobEntity } from './provisioning-job.entity.js';
import { RateEventEntity } from './rate-event.entity.js';
import { ReconciliationDifferenceEntity } from './reconciliation-difference.entity.js';
import { ReconciliationGroupEntity } from './reconciliation-group.entity.js';
import { ReconciliationRecordEntity } from './reconciliation-record.entity.js';
import { ReconciliationSightingEntity } from './reconciliation-sighting.entity.js';
import { RequestEntity } from './request.entity.js';
import { ReviewEntity } from './review.entity.js';
import { ServiceNonceEntity } from './service-nonce.entity.js';
import { SiteEntity } from './site.entity.js';
import { SiteIdentityMappingEntity } from './site-identity-mapping.entity.js';
import { SiteSettingEntity } from './site-setting.entity.js';
import { TicketOutboxEntity } from './ticket-outbox.entity.js';
import { ToolEntity } from './tool.entity.js';
import { ToolRoleEntity } from './tool-role.entity.js';
import { WorkerHeartbeatEntity } from './worker-heartbeat.entity.js';

/** One class per table. They state the schema for the comparison with the migrations (test/medium/schema.spec.ts); stores read and write with SQL. */
export const ENTITIES = [
  AccessBlockEntity,
  AccessGrantEntity,
  ApprovalPolicyEntity,
  AuditEventEntity,
  AuditHeadEntity,
  AuditOutboxEntity,
  AuditVerificationEntity,
  BaselineAccessEntity,
  ClockOffsetEntity,
  CommandEntity,
  ConnectorEntity,
  CoreAnswerEntity,
  CoreFenceEntity,
  CoreNonceEntity,
  EntitlementGroupEntity,
  EventHookEntity,
  ExternalIdentityEntity,
  FindingEntity,
  IntakeEventEntity,
  LeaverHintEntity,
  ManualActionEntity,
  MappingImportEntity,
  MappingImportBatchEntity,
  MappingImportRowEntity,
  MassActionEntity,
  MassActionItemEntity,
  MembershipEntity,
  MembershipIntentEntity,
  ProjectRegistryEntity,
  ProviderBudgetEntity,
  ProvisioningJobEntity,
  RateEventEntity,
  ReconciliationDifferenceEntity,
  ReconciliationGroupEntity,
  ReconciliationRecordEntity,
  ReconciliationSightingEntity,
  RequestEntity,
  ReviewEntity,
  ServiceNonceEntity,
  SiteEntity,
  SiteIdentityMappingEntity,
  SiteSettingEntity,
  TicketOutboxEntity,
  ToolEntity,
  ToolRoleEntity,
  WorkerHeartbeatEntity,
] as const;

export {
  AccessBlockEntity,
  AccessGrantEntity,
  ApprovalPolicyEntity,
  AuditEventEntity,
  AuditHeadEntity,
  AuditOutboxEntity,
  AuditVerificationEntity,
  BaselineAccessEntity,
  ClockOffsetEntity,
  CommandEntity,
  ConnectorEntity,
  CoreFenceEntity,
  EntitlementGroupEntity,
  EventHookEntity,
  ExternalIdentityEntity,
  FindingEntity,
  IntakeEventEntity,
  LeaverHintEntity,
  ManualActionEntity,
  MassActionEntity,
  MassActionItemEntity,
  MembershipEntity,
  MembershipIntentEntity,
  ProjectRegistryEntity,
  ProviderBudgetEntity,
  ProvisioningJobEntity,
  RateEventEntity,
  ReconciliationDifferenceEntity,
  ReconciliationGroupEntity,
  ReconciliationRecordEntity,
  ReconciliationSightingEntity,
  RequestEntity,
  ReviewEntity,
  SiteEntity,
  SiteIdentityMappingEntity,
  SiteSettingEntity,
  TicketOutboxEntity,
  ToolEntity,
  ToolRoleEntity,
  WorkerHeartbeatEntity,
};
