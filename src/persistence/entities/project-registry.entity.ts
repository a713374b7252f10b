import { Check, Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import { SiteEntity } from './site.entity.js';

@Entity('project_registry')
@Unique('project_registry_site_id_key_key', ['siteId', 'key'])
@Check('project_registry_admin_fallback_check', `admin_fallback IN ('never', 'whenNoApprover', 'always')`)
export class ProjectRegistryEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'project_registry_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @Column({ type: 'text' })
  key!: string;

  @Column({ type: 'boolean', default: true })
  enabled!: boolean;

  @Column({ type: 'text', name: 'approver_account_ids', array: true, default: [] })
  approverAccountIds!: string[];

  @Column({ type: 'text', name: 'security_reviewer_account_ids', array: true, default: [] })
  securityReviewerAccountIds!: string[];

  @Column({ type: 'text', name: 'admin_fallback', default: 'whenNoApprover' })
  adminFallback!: 'never' | 'whenNoApprover' | 'always';

  @Column({ type: 'text', name: 'approve_transitions', array: true, default: [] })
  approveTransitions!: string[];

  @Column({ type: 'text', name: 'deny_transitions', array: true, default: [] })
  denyTransitions!: string[];

  @Column({ type: 'integer', name: 'row_version', default: 1 })
  rowVersion!: number;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'updated_at', default: () => 'clock_timestamp()' })
  updatedAt!: Date;
}
