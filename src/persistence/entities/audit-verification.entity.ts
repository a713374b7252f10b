import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('audit_verification')
@Index('audit_verification_latest', ['siteId', 'startedAt'])
export class AuditVerificationEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @Column({ type: 'timestamptz', name: 'started_at' })
  startedAt!: Date;

  @Column({ type: 'timestamptz', name: 'finished_at', nullable: true })
  finishedAt!: Date | null;

  @Column({ type: 'boolean', nullable: true })
  ok!: boolean | null;

  @Column({ type: 'bigint', nullable: true })
  entries!: string | null;

  @Column({ type: 'bigint', name: 'head_seq', nullable: true })
  headSeq!: string | null;

  @Column({ type: 'text', name: 'head_hash', nullable: true })
  headHash!: string | null;

  @Column({ type: 'bigint', name: 'first_bad_seq', nullable: true })
  firstBadSeq!: string | null;

  @Column({ type: 'text', nullable: true })
  reason!: string | null;

  @Column({ type: 'text', name: 'requested_by', nullable: true })
  requestedBy!: string | null;
}
