import { Check, Column, Entity, PrimaryColumn, Unique } from 'typeorm';

@Entity('site')
@Unique('site_cloud_id_key', ['cloudId'])
@Unique('site_installation_id_key', ['installationId'])
@Check('site_id_check', `id ~ '^[a-z0-9][a-z0-9-]{0,39}$'`)
@Check('site_licence_check', `licence IN ('active', 'inactive', 'notReported')`)
export class SiteEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text', name: 'time_zone', default: 'UTC' })
  timeZone!: string;

  @Column({ type: 'text', name: 'cloud_id', nullable: true })
  cloudId!: string | null;

  @Column({ type: 'text', name: 'installation_id', nullable: true })
  installationId!: string | null;

  @Column({ type: 'text', name: 'jira_base_url', nullable: true })
  jiraBaseUrl!: string | null;

  @Column({ type: 'text', name: 'jira_auth_sealed', nullable: true })
  jiraAuthSealed!: string | null;

  @Column({ type: 'text', name: 'jira_property_key', nullable: true })
  jiraPropertyKey!: string | null;

  @Column({ type: 'text', default: 'notReported' })
  licence!: 'active' | 'inactive' | 'notReported';

  @Column({ type: 'bigint', name: 'policy_version', default: 1 })
  policyVersion!: string;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
