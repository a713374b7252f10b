import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { ReconciliationRecordEntity } from './reconciliation-record.entity.js';
import { SiteEntity } from './site.entity.js';

@Entity('reconciliation_difference')
@Check('reconciliation_difference_effect_check', `effect IN ('report', 'quarantine', 'revert', 'revokeGrants', 'removeEnded')`)
@Check('reconciliation_difference_state_check', `state IN ('suspected', 'held', 'vanished', 'unreadable', 'said', 'toDeliver', 'toRevert', 'delivered', 'removed', 'failed')`)
@Check('reconciliation_difference_observed_check', `observed IN ('present', 'absent', 'unknown')`)
@Unique('reconciliation_difference_once', ['recordId', 'externalGroupId', 'identityHash'])
@Index('reconciliation_difference_by_state', ['recordId', 'state'])
export class ReconciliationDifferenceEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'reconciliation_difference_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @ForeignKey(() => ReconciliationRecordEntity, { name: 'reconciliation_difference_record_id_fkey' })
  @Column({ type: 'text', name: 'record_id' })
  recordId!: string;

  @Column({ type: 'text', name: 'external_group_id' })
  externalGroupId!: string;

  @Column({ type: 'text', name: 'identity_hash' })
  identityHash!: string;

  @Column({ type: 'text' })
  kind!: string;

  @Column({ type: 'text' })
  effect!: 'report' | 'quarantine' | 'revert' | 'revokeGrants' | 'removeEnded';

  @Column({ type: 'text', default: 'suspected' })
  state!: 'suspected' | 'held' | 'vanished' | 'unreadable' | 'said' | 'toDeliver' | 'toRevert' | 'delivered' | 'removed' | 'failed';

  @Column({ type: 'boolean', name: 'is_person', default: true })
  isPerson!: boolean;

  @Column({ type: 'text', name: 'finding_id', nullable: true })
  findingId!: string | null;

  @Column({ type: 'integer', default: 0 })
  attempts!: number;

  @Column({ type: 'text', nullable: true })
  observed!: 'present' | 'absent' | 'unknown' | null;

  @Column({ type: 'timestamptz', name: 'read_at', nullable: true })
  readAt!: Date | null;

  @Column({ type: 'text', nullable: true })
  detail!: string | null;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
