import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { AccessGrantEntity } from './access-grant.entity.js';
import { MembershipEntity } from './membership.entity.js';
import { ProvisioningJobEntity } from './provisioning-job.entity.js';
import { SiteEntity } from './site.entity.js';

@Entity('membership_intent')
@Check('membership_intent_desired_check', `desired IN ('present', 'absent')`)
@Check('membership_intent_outcome_check', `outcome IN ('changed', 'unchanged', 'notWritten', 'unknown', 'resolved')`)
@Check('membership_intent_owner_check', '(grant_id IS NULL) = (job_id IS NULL) AND (grant_id IS NULL) = (finding_id IS NOT NULL)')
@Index('membership_intent_open', ['siteId', 'membershipId'], { where: 'ended_at IS NULL' })
export class MembershipIntentEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'membership_intent_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @ForeignKey(() => MembershipEntity, { name: 'membership_intent_membership_id_fkey' })
  @Column({ type: 'text', name: 'membership_id' })
  membershipId!: string;

  @ForeignKey(() => AccessGrantEntity, { name: 'membership_intent_grant_id_fkey' })
  @Column({ type: 'text', name: 'grant_id', nullable: true })
  grantId!: string | null;

  @ForeignKey(() => ProvisioningJobEntity, { name: 'membership_intent_job_id_fkey' })
  @Column({ type: 'text', name: 'job_id', nullable: true })
  jobId!: string | null;

  @Column({ type: 'text', name: 'finding_id', nullable: true })
  findingId!: string | null;

  @Column({ type: 'bigint' })
  generation!: string;

  @Column({ type: 'text' })
  desired!: 'present' | 'absent';

  @Column({ type: 'jsonb', name: 'allowed_by', nullable: true })
  allowedBy!: unknown;

  @Column({ type: 'timestamptz', name: 'committed_at', default: () => 'clock_timestamp()' })
  committedAt!: Date;

  @Column({ type: 'timestamptz', name: 'deadline_at' })
  deadlineAt!: Date;

  @Column({ type: 'text', nullable: true })
  outcome!: 'changed' | 'unchanged' | 'notWritten' | 'unknown' | 'resolved' | null;

  @Column({ type: 'timestamptz', name: 'ended_at', nullable: true })
  endedAt!: Date | null;
}
