import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { ConnectorEntity } from './connector.entity.js';
import { ReconciliationRecordEntity } from './reconciliation-record.entity.js';
import { SiteEntity } from './site.entity.js';

@Entity('finding')
@Check('finding_state_check', `state IN ('open', 'accepted', 'repaired', 'dismissed')`)
@Check('finding_response_check', `response IN ('report', 'quarantine', 'revert')`)
@Index('finding_one_open', ['siteId', 'kind', 'subjectKey'], { unique: true, where: `state = 'open'` })
@Index('finding_list', ['siteId', 'seenAt', 'id'])
@Index('finding_by_group', ['siteId', 'connectorId', 'externalGroupId'])
export class FindingEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'finding_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @Column({ type: 'text' })
  kind!: string;

  @Column({ type: 'text', name: 'subject_key' })
  subjectKey!: string;

  @Column({ type: 'text', default: 'open' })
  state!: 'open' | 'accepted' | 'repaired' | 'dismissed';

  @Column({ type: 'text', default: 'report' })
  response!: 'report' | 'quarantine' | 'revert';

  @Column({ type: 'text', name: 'tool_key', nullable: true })
  toolKey!: string | null;

  @ForeignKey(() => ConnectorEntity, { name: 'finding_connector_id_fkey' })
  @Column({ type: 'text', name: 'connector_id', nullable: true })
  connectorId!: string | null;

  @Column({ type: 'text', name: 'external_group_id', nullable: true })
  externalGroupId!: string | null;

  @Column({ type: 'text', name: 'identity_hash', nullable: true })
  identityHash!: string | null;

  @Column({ type: 'text', name: 'account_id', nullable: true })
  accountId!: string | null;

  @Column({ type: 'text', name: 'login_hint', nullable: true })
  loginHint!: string | null;

  @ForeignKey(() => ReconciliationRecordEntity, { name: 'finding_record_id_fkey' })
  @Column({ type: 'text', name: 'record_id', nullable: true })
  recordId!: string | null;

  @Column({ type: 'jsonb', default: {} })
  evidence!: unknown;

  @Column({ type: 'timestamptz', name: 'seen_at' })
  seenAt!: Date;

  @Column({ type: 'timestamptz', name: 'last_seen_at' })
  lastSeenAt!: Date;

  @Column({ type: 'timestamptz', name: 'gone_at', nullable: true })
  goneAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'resolved_at', nullable: true })
  resolvedAt!: Date | null;

  @Column({ type: 'text', name: 'resolved_by', nullable: true })
  resolvedBy!: string | null;

  @Column({ type: 'text', nullable: true })
  note!: string | null;
}
