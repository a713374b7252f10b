import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { SiteEntity } from './site.entity.js';

@Entity('intake_event')
@Unique('intake_event_site_id_issue_key_key', ['siteId', 'issueKey'])
@Check('intake_event_outcome_check', `outcome IN ('accepted', 'started', 'refused')`)
@Index('intake_event_due', ['siteId', 'nextAttemptAt'], { where: `outcome = 'accepted'` })
export class IntakeEventEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'intake_event_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @Column({ type: 'text', name: 'issue_key' })
  issueKey!: string;

  @Column({ type: 'text', name: 'issue_id', nullable: true })
  issueId!: string | null;

  @Column({ type: 'text' })
  outcome!: 'accepted' | 'started' | 'refused';

  @Column({ type: 'text', nullable: true })
  reason!: string | null;

  @Column({ type: 'text', name: 'request_id', nullable: true })
  requestId!: string | null;

  @Column({ type: 'integer', default: 0 })
  attempts!: number;

  @Column({ type: 'timestamptz', name: 'next_attempt_at', nullable: true })
  nextAttemptAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'received_at', default: () => 'clock_timestamp()' })
  receivedAt!: Date;
}
