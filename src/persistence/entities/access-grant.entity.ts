import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { ConnectorEntity } from './connector.entity.js';
import { MembershipEntity } from './membership.entity.js';
import { RequestEntity } from './request.entity.js';
import { SiteEntity } from './site.entity.js';

@Entity('access_grant')
@Unique('access_grant_request_id_key', ['requestId'])
@Check('access_grant_duration_days_check', '(duration_days >= 1) AND (duration_days <= 180)')
@Check('access_grant_end_evidence_check', `end_evidence IN ('readBack', 'attested', 'heldByOtherGrant', 'heldByBaseline', 'neverProvisioned', 'noConnector')`)
@Check('access_grant_end_reason_check', `end_reason IN ('expired', 'revoked', 'returned', 'policy', 'leaver', 'killSwitch')`)
@Check('access_grant_fulfilment_check', `fulfilment IN ('none', 'connector', 'manual')`)
@Check('access_grant_start_evidence_check', `start_evidence IN ('readBack', 'attested', 'noConnector')`)
@Check('access_grant_status_check', `status IN ('pendingProvision', 'active', 'suspended', 'removing', 'expired', 'revoked')`)
@Index('access_grant_by_account', ['siteId', 'accountId', 'expiresAt'])
@Index('access_grant_by_membership', ['siteId', 'membershipId'], { where: 'membership_id IS NOT NULL' })
@Index('access_grant_list', ['siteId', 'createdAt', 'id'])
@Index('access_grant_one_open', ['siteId', 'accountId', 'toolKey'], { unique: true, where: `status IN ('pendingProvision', 'active', 'suspended')` })
export class AccessGrantEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'access_grant_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @ForeignKey(() => RequestEntity, { name: 'access_grant_request_id_fkey' })
  @Column({ type: 'text', name: 'request_id' })
  requestId!: string;

  @Column({ type: 'text', name: 'account_id' })
  accountId!: string;

  @Column({ type: 'text', name: 'tool_key' })
  toolKey!: string;

  @Column({ type: 'text', name: 'role_key', nullable: true })
  roleKey!: string | null;

  @Column({ type: 'text' })
  status!: 'pendingProvision' | 'active' | 'suspended' | 'removing' | 'expired' | 'revoked';

  @Column({ type: 'text' })
  fulfilment!: 'none' | 'connector' | 'manual';

  @ForeignKey(() => MembershipEntity, { name: 'access_grant_membership_id_fkey' })
  @Column({ type: 'text', name: 'membership_id', nullable: true })
  membershipId!: string | null;

  @ForeignKey(() => ConnectorEntity, { name: 'access_grant_connector_id_fkey' })
  @Column({ type: 'text', name: 'connector_id', nullable: true })
  connectorId!: string | null;

  @Column({ type: 'text', name: 'external_group_id', nullable: true })
  externalGroupId!: string | null;

  @Column({ type: 'integer', name: 'duration_days' })
  durationDays!: number;

  @Column({ type: 'timestamptz', name: 'first_started_at', nullable: true })
  firstStartedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'starts_at', nullable: true })
  startsAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'expires_at' })
  expiresAt!: Date;

  @Column({ type: 'text', name: 'end_reason', nullable: true })
  endReason!: 'expired' | 'revoked' | 'returned' | 'policy' | 'leaver' | 'killSwitch' | null;

  @Column({ type: 'text', name: 'ended_by', nullable: true })
  endedBy!: string | null;

  @Column({ type: 'timestamptz', name: 'ending_at', nullable: true })
  endingAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'ended_at', nullable: true })
  endedAt!: Date | null;

  @Column({ type: 'text', name: 'end_evidence', nullable: true })
  endEvidence!: 'readBack' | 'attested' | 'heldByOtherGrant' | 'heldByBaseline' | 'neverProvisioned' | 'noConnector' | null;

  @Column({ type: 'text', name: 'start_evidence', nullable: true })
  startEvidence!: 'readBack' | 'attested' | 'noConnector' | null;

  @Column({ type: 'integer', name: 'row_version', default: 1 })
  rowVersion!: number;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;
}
