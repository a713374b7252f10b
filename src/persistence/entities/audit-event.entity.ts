import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

@Entity('audit_event')
@Unique('audit_event_event_id_key', ['eventId'])
@Unique('audit_event_site_id_prev_hash_key', ['siteId', 'prevHash'])
@Check('audit_event_seq_check', 'seq > 0')
@Index('audit_event_by_action', ['siteId', 'action', 'seq'])
@Index('audit_event_by_actor', ['siteId', 'actor', 'seq'], { where: 'actor IS NOT NULL' })
@Index('audit_event_by_grant', ['siteId', 'grantId', 'seq'], { where: 'grant_id IS NOT NULL' })
@Index('audit_event_by_request', ['siteId', 'requestId', 'seq'], { where: 'request_id IS NOT NULL' })
@Index('audit_event_by_time', ['siteId', 'at'])
export class AuditEventEntity {
  @PrimaryColumn({ type: 'text', name: 'site_id' })
  siteId!: string;

  @PrimaryColumn({ type: 'bigint' })
  seq!: string;

  @Column({ type: 'text', name: 'event_id' })
  eventId!: string;

  @Column({ type: 'bigint', name: 'outbox_id', nullable: true })
  outboxId!: string | null;

  @Column({ type: 'text' })
  action!: string;

  @Column({ type: 'timestamptz' })
  at!: Date;

  @Column({ type: 'text', name: 'request_id', nullable: true })
  requestId!: string | null;

  @Column({ type: 'text', name: 'grant_id', nullable: true })
  grantId!: string | null;

  @Column({ type: 'text', nullable: true })
  actor!: string | null;

  @Column({ type: 'text' })
  body!: string;

  @Column({ type: 'text', name: 'prev_hash' })
  prevHash!: string;

  @Column({ type: 'text', name: 'entry_hash' })
  entryHash!: string;

  @Column({ type: 'text', name: 'entry_mac' })
  entryMac!: string;

  @Column({ type: 'text', name: 'key_id' })
  keyId!: string;

  @Column({ type: 'timestamptz', name: 'sealed_at', default: () => 'clock_timestamp()' })
  sealedAt!: Date;
}
