import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { SiteEntity } from './site.entity.js';

@Entity('core_fence')
export class CoreFenceEntity {
  @PrimaryColumn({ type: 'text', name: 'membership_id' })
  membershipId!: string;

  @ForeignKey(() => SiteEntity, { name: 'core_fence_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @Column({ type: 'bigint' })
  generation!: string;

  @Column({ type: 'text', name: 'lease_id', nullable: true })
  leaseId!: string | null;

  @Column({ type: 'timestamptz', name: 'lease_until', nullable: true })
  leaseUntil!: Date | null;
}
