import { Check, Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import { SiteEntity } from './site.entity.js';

@Entity('approval_policy')
@Unique('approval_policy_site_id_name_key', ['siteId', 'name'])
@Check('approval_policy_max_duration_days_check', '(max_duration_days >= 1) AND (max_duration_days <= 180)')
export class ApprovalPolicyEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'approval_policy_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text', name: 'project_key', nullable: true })
  projectKey!: string | null;

  @Column({ type: 'text', name: 'tool_keys', array: true, nullable: true })
  toolKeys!: string[] | null;

  @Column({ type: 'boolean', name: 'auto_approve' })
  autoApprove!: boolean;

  @Column({ type: 'text', name: 'jira_groups', array: true, default: [] })
  jiraGroups!: string[];

  @Column({ type: 'integer', name: 'max_duration_days', nullable: true })
  maxDurationDays!: number | null;

  @Column({ type: 'boolean', default: true })
  enabled!: boolean;

  @Column({ type: 'integer', name: 'row_version', default: 1 })
  rowVersion!: number;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'updated_at', default: () => 'clock_timestamp()' })
  updatedAt!: Date;
}
