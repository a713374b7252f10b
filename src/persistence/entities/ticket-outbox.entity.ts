import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { SiteEntity } from './site.entity.js';

@Entity('ticket_outbox')
@Unique('ticket_outbox_marker_key', ['marker'])
@Check('ticket_outbox_kind_check', `kind IN ('comment', 'transition')`)
@Check('ticket_outbox_status_check', `status IN ('queued', 'done', 'failed')`)
@Index('ticket_outbox_open', ['siteId', 'requestId', 'id'], { where: `status = 'queued'` })
export class TicketOutboxEntity {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'ticket_outbox_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @Column({ type: 'text', name: 'request_id' })
  requestId!: string;

  @Column({ type: 'text', name: 'issue_key' })
  issueKey!: string;

  @Column({ type: 'text' })
  kind!: 'comment' | 'transition';

  @Column({ type: 'jsonb' })
  content!: unknown;

  @Column({ type: 'text', name: 'audit_event_id', nullable: true })
  auditEventId!: string | null;

  @Column({ type: 'text' })
  marker!: string;

  @Column({ type: 'text', default: 'queued' })
  status!: 'queued' | 'done' | 'failed';

  @Column({ type: 'integer', default: 0 })
  attempts!: number;

  @Column({ type: 'text', name: 'last_error', nullable: true })
  lastError!: string | null;

  @Column({ type: 'timestamptz', name: 'queued_at', default: () => 'clock_timestamp()' })
  queuedAt!: Date;

  @Column({ type: 'timestamptz', name: 'finished_at', nullable: true })
  finishedAt!: Date | null;
}
