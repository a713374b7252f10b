import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { SiteEntity } from './site.entity.js';

@Entity('reconciliation_record')
@Check('reconciliation_record_state_check', `state IN ('open', 'accepted', 'repaired', 'dismissed')`)
@Index('reconciliation_record_open', ['siteId', 'seenAt'], { where: `state = 'open'` })
export class ReconciliationRecordEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'reconciliation_record_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @Column({ type: 'text', name: 'membership_id', nullable: true })
  membershipId!: string | null;

  @Column({ type: 'text', name: 'request_id', nullable: true })
  requestId!: string | null;

  @Column({ type: 'text' })
  kind!: string;

  @Column({ type: 'text', default: 'open' })
  state!: 'open' | 'accepted' | 'repaired' | 'dismissed';

  @Column({ type: 'jsonb', default: {} })
  detail!: unknown;

  @Column({ type: 'timestamptz', name: 'seen_at' })
  seenAt!: Date;

  @Column({ type: 'timestamptz', name: 'resolved_at', nullable: true })
  resolvedAt!: Date | null;
}
