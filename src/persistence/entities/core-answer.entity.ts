import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { SiteEntity } from './site.entity.js';

@Entity('core_answer')
@Index('core_answer_age', ['siteId', 'claimedUntil'])
export class CoreAnswerEntity {
  @PrimaryColumn({ type: 'text', name: 'site_id' })
  @ForeignKey(() => SiteEntity, { name: 'core_answer_site_id_fkey' })
  siteId!: string;

  @PrimaryColumn({ type: 'text' })
  key!: string;

  @Column({ type: 'text', name: 'order_hash' })
  orderHash!: string;

  @Column({ type: 'timestamptz', name: 'claimed_until' })
  claimedUntil!: Date;

  @Column({ type: 'text', nullable: true })
  answer!: string | null;
}
