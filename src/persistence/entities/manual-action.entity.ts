import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { AccessGrantEntity } from './access-grant.entity.js';
import { ProvisioningJobEntity } from './provisioning-job.entity.js';
import { RequestEntity } from './request.entity.js';
import { SiteEntity } from './site.entity.js';

@Entity('manual_action')
@Check('manual_action_kind_check', `kind IN ('provision', 'deprovision', 'check')`)
@Check('manual_action_status_check', `status IN ('open', 'done', 'obsolete')`)
@Index('manual_action_list', ['siteId', 'openedAt', 'id'])
@Index('manual_action_one_open', ['siteId', 'grantId', 'kind'], { unique: true, where: `status = 'open'` })
export class ManualActionEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'manual_action_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @ForeignKey(() => RequestEntity, { name: 'manual_action_request_id_fkey' })
  @Column({ type: 'text', name: 'request_id' })
  requestId!: string;

  @ForeignKey(() => AccessGrantEntity, { name: 'manual_action_grant_id_fkey' })
  @Column({ type: 'text', name: 'grant_id' })
  grantId!: string;

  @ForeignKey(() => ProvisioningJobEntity, { name: 'manual_action_job_id_fkey' })
  @Column({ type: 'text', name: 'job_id', nullable: true })
  jobId!: string | null;

  @Column({ type: 'text' })
  kind!: 'provision' | 'deprovision' | 'check';

  @Column({ type: 'text' })
  reason!: string;

  @Column({ type: 'text' })
  detail!: string;

  @Column({ type: 'text', nullable: true })
  assignee!: string | null;

  @Column({ type: 'timestamptz', name: 'due_at', nullable: true })
  dueAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'alarm_at', nullable: true })
  alarmAt!: Date | null;

  @Column({ type: 'text', default: 'open' })
  status!: 'open' | 'done' | 'obsolete';

  @Column({ type: 'text', nullable: true })
  outcome!: string | null;

  @Column({ type: 'text', name: 'completed_by', nullable: true })
  completedBy!: string | null;

  @Column({ type: 'text', nullable: true })
  note!: string | null;

  @Column({ type: 'jsonb', name: 'read_back', nullable: true })
  readBack!: unknown;

  @Column({ type: 'timestamptz', name: 'opened_at' })
  openedAt!: Date;

  @Column({ type: 'timestamptz', name: 'completed_at', nullable: true })
  completedAt!: Date | null;
}
