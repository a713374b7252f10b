import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { SiteEntity } from './site.entity.js';

@Entity('leaver_hint')
@Check('leaver_hint_cause_check', `cause IN ('oktaEvent', 'converge', 'reconciliation', 'jiraAccount')`)
@Check('leaver_hint_state_check', `state IN ('pending', 'confirmed', 'refuted', 'unmapped', 'unreadable')`)
@Unique('leaver_hint_site_id_event_key_key', ['siteId', 'eventKey'])
@Index('leaver_hint_due', ['siteId', 'nextAttemptAt'], { where: "state = 'pending'" })
export class LeaverHintEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'leaver_hint_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @Column({ type: 'text' })
  cause!: string;

  @Column({ type: 'text', name: 'connector_id', nullable: true })
  connectorId!: string | null;

  @Column({ type: 'text', name: 'sealed_identity', nullable: true })
  sealedIdentity!: string | null;

  @Column({ type: 'text', name: 'external_identity_id', nullable: true })
  externalIdentityId!: string | null;

  @Column({ type: 'text', name: 'account_id', nullable: true })
  accountId!: string | null;

  @Column({ type: 'text', name: 'event_key' })
  eventKey!: string;

  @Column({ type: 'text', default: 'pending' })
  state!: string;

  @Column({ type: 'text', name: 'case_ids', array: true, default: [] })
  caseIds!: string[];

  @Column({ type: 'integer', default: 0 })
  attempts!: number;

  @Column({ type: 'timestamptz', name: 'next_attempt_at', nullable: true, default: () => 'clock_timestamp()' })
  nextAttemptAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'finished_at', nullable: true })
  finishedAt!: Date | null;
}
