import { Check, Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import { EntitlementGroupEntity } from './entitlement-group.entity.js';
import { SiteEntity } from './site.entity.js';

@Entity('baseline_access')
@Unique('baseline_access_site_id_entitlement_group_id_kind_reference_key', ['siteId', 'entitlementGroupId', 'kind', 'referenceHash'])
@Check('baseline_access_kind_check', `kind IN ('group', 'member')`)
export class BaselineAccessEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'baseline_access_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @ForeignKey(() => EntitlementGroupEntity, { name: 'baseline_access_entitlement_group_id_fkey' })
  @Column({ type: 'text', name: 'entitlement_group_id' })
  entitlementGroupId!: string;

  @Column({ type: 'text' })
  kind!: 'group' | 'member';

  @Column({ type: 'text', name: 'reference_hash' })
  referenceHash!: string;

  @Column({ type: 'text' })
  label!: string;

  @Column({ type: 'text', name: 'accepted_by', nullable: true })
  acceptedBy!: string | null;

  @Column({ type: 'timestamptz', name: 'accepted_at', nullable: true })
  acceptedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
