import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('audit_head')
export class AuditHeadEntity {
  @PrimaryColumn({ type: 'text', name: 'site_id' })
  siteId!: string;

  @Column({ type: 'bigint' })
  seq!: string;

  @Column({ type: 'text', name: 'entry_hash' })
  entryHash!: string;

  @Column({ type: 'bigint' })
  epoch!: string;
}
