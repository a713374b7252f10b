import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { ConnectorEntity } from './connector.entity.js';
import { SiteEntity } from './site.entity.js';
import { ToolEntity } from './tool.entity.js';
import { ToolRoleEntity } from './tool-role.entity.js';

@Entity('entitlement_group')
@Unique('entitlement_group_role_id_key', ['roleId'])
@Check('entitlement_group_origin_check', `origin IN ('created', 'bound')`)
@Index('entitlement_group_of_tool', ['toolId'], { unique: true, where: 'role_id IS NULL' })
@Index('entitlement_group_by_tool', ['toolId'])
@Index('entitlement_group_by_group', ['siteId', 'connectorId', 'externalGroupId'])
export class EntitlementGroupEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'entitlement_group_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @ForeignKey(() => ToolEntity, { name: 'entitlement_group_tool_id_fkey' })
  @Column({ type: 'text', name: 'tool_id' })
  toolId!: string;

  @ForeignKey(() => ToolRoleEntity, { name: 'entitlement_group_role_id_fkey' })
  @Column({ type: 'text', name: 'role_id', nullable: true })
  roleId!: string | null;

  @ForeignKey(() => ConnectorEntity, { name: 'entitlement_group_connector_id_fkey' })
  @Column({ type: 'text', name: 'connector_id' })
  connectorId!: string;

  @Column({ type: 'text', name: 'external_group_id' })
  externalGroupId!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  origin!: 'created' | 'bound';

  @Column({ type: 'timestamptz', name: 'assignment_confirmed_at', nullable: true })
  assignmentConfirmedAt!: Date | null;

  @Column({ type: 'text', name: 'assignment_confirmed_by', nullable: true })
  assignmentConfirmedBy!: string | null;

  @Column({ type: 'jsonb', nullable: true })
  apps!: unknown;

  @Column({ type: 'timestamptz', name: 'apps_read_at', nullable: true })
  appsReadAt!: Date | null;

  @Column({ type: 'jsonb', name: 'confirmed_apps', nullable: true })
  confirmedApps!: unknown;

  @Column({ type: 'timestamptz', name: 'baseline_recorded_at', nullable: true })
  baselineRecordedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
