import { Check, Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import { SiteEntity } from './site.entity.js';
import { ToolEntity } from './tool.entity.js';

@Entity('tool_role')
@Unique('tool_role_tool_id_key_key', ['toolId', 'key'])
@Check('tool_role_risk_check', `risk IN ('low', 'medium', 'high', 'critical')`)
@Check('tool_role_max_duration_days_check', '(max_duration_days >= 1) AND (max_duration_days <= 180)')
export class ToolRoleEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'tool_role_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @ForeignKey(() => ToolEntity, { name: 'tool_role_tool_id_fkey' })
  @Column({ type: 'text', name: 'tool_id' })
  toolId!: string;

  @Column({ type: 'text' })
  key!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text', nullable: true })
  summary!: string | null;

  @Column({ type: 'text' })
  risk!: 'low' | 'medium' | 'high' | 'critical';

  @Column({ type: 'integer', name: 'max_duration_days' })
  maxDurationDays!: number;

  @Column({ type: 'boolean', default: true })
  requestable!: boolean;

  @Column({ type: 'integer', name: 'row_version', default: 1 })
  rowVersion!: number;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'updated_at', default: () => 'clock_timestamp()' })
  updatedAt!: Date;
}
