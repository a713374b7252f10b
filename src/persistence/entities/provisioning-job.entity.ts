import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { AccessGrantEntity } from './access-grant.entity.js';
import { RequestEntity } from './request.entity.js';
import { SiteEntity } from './site.entity.js';

@Entity('provisioning_job')
@Check('provisioning_job_kind_check', `kind IN ('provision', 'deprovision', 'check')`)
@Check('provisioning_job_status_check', `status IN ('queued', 'running', 'retrying', 'succeeded', 'manual', 'deadLetter', 'superseded')`)
@Index('provisioning_job_by_request', ['siteId', 'requestId', 'createdAt'])
@Index('provisioning_job_list', ['siteId', 'createdAt', 'id'])
@Index('provisioning_job_one_open', ['siteId', 'grantId', 'kind'], { unique: true, where: `status IN ('queued', 'running', 'retrying', 'manual', 'deadLetter')` })
export class ProvisioningJobEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'provisioning_job_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @ForeignKey(() => RequestEntity, { name: 'provisioning_job_request_id_fkey' })
  @Column({ type: 'text', name: 'request_id' })
  requestId!: string;

  @ForeignKey(() => AccessGrantEntity, { name: 'provisioning_job_grant_id_fkey' })
  @Column({ type: 'text', name: 'grant_id' })
  grantId!: string;

  @Column({ type: 'text' })
  kind!: 'provision' | 'deprovision' | 'check';

  @Column({ type: 'text' })
  status!: 'queued' | 'running' | 'retrying' | 'succeeded' | 'manual' | 'deadLetter' | 'superseded';

  @Column({ type: 'integer', default: 0 })
  attempts!: number;

  @Column({ type: 'timestamptz', name: 'next_attempt_at', nullable: true })
  nextAttemptAt!: Date | null;

  @Column({ type: 'text', name: 'last_error', nullable: true })
  lastError!: string | null;

  @Column({ type: 'text', name: 'last_error_code', nullable: true })
  lastErrorCode!: string | null;

  @Column({ type: 'text', name: 'intent_id', nullable: true })
  intentId!: string | null;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'finished_at', nullable: true })
  finishedAt!: Date | null;
}
