import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { ReconciliationRecordEntity } from './reconciliation-record.entity.js';
import { SiteEntity } from './site.entity.js';

@Entity('reconciliation_group')
@Check('reconciliation_group_state_check', `state IN ('pending', 'listing', 'listed', 'deleted', 'failed')`)
@Check('reconciliation_group_held_check', `held IN ('groupDeleted', 'emptyListing', 'groupThreshold', 'runThreshold')`)
@Check('reconciliation_group_waived_reason_check', `waived_reason IN ('groupDeleted', 'emptyListing', 'groupThreshold', 'runThreshold')`)
export class ReconciliationGroupEntity {
  @ForeignKey(() => ReconciliationRecordEntity, { name: 'reconciliation_group_record_id_fkey' })
  @PrimaryColumn({ type: 'text', name: 'record_id' })
  recordId!: string;

  @PrimaryColumn({ type: 'text', name: 'external_group_id' })
  externalGroupId!: string;

  @ForeignKey(() => SiteEntity, { name: 'reconciliation_group_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @Column({ type: 'text', default: 'pending' })
  state!: 'pending' | 'listing' | 'listed' | 'deleted' | 'failed';

  @Column({ type: 'boolean', name: 'is_baseline', default: false })
  isBaseline!: boolean;

  @Column({ type: 'text', name: 'waived_reason', nullable: true })
  waivedReason!: 'groupDeleted' | 'emptyListing' | 'groupThreshold' | 'runThreshold' | null;

  @Column({ type: 'integer', name: 'waived_changes', nullable: true })
  waivedChanges!: number | null;

  @Column({ type: 'text', nullable: true })
  held!: 'groupDeleted' | 'emptyListing' | 'groupThreshold' | 'runThreshold' | null;

  @Column({ type: 'timestamptz', name: 'listed_from', nullable: true })
  listedFrom!: Date | null;

  @Column({ type: 'text', nullable: true })
  cursor!: string | null;

  @Column({ type: 'text', name: 'next_cursor', nullable: true })
  nextCursor!: string | null;

  @Column({ type: 'integer', default: 0 })
  pages!: number;

  @Column({ type: 'integer', default: 0 })
  furthest!: number;

  @Column({ type: 'integer', default: 0 })
  members!: number;

  @Column({ type: 'integer', default: 0 })
  expected!: number;

  @Column({ type: 'integer', default: 0 })
  attempts!: number;

  @Column({ type: 'text', nullable: true })
  error!: string | null;
}
