import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { SiteEntity } from './site.entity.js';

@Entity('mapping_import')
@Check('mapping_import_aliases_check', `aliases IN ('accept', 'refuse')`)
@Check('mapping_import_status_check', `status IN ('reading', 'running', 'done', 'failed', 'cancelled')`)
@Check('mapping_import_asked_by_kind_check', `asked_by_kind IN ('person', 'service', 'forge')`)
@Index('mapping_import_open', ['siteId', 'steppedAt'], { where: `status IN ('reading', 'running')` })
export class MappingImportEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'mapping_import_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @Column({ type: 'boolean', name: 'dry_run' })
  dryRun!: boolean;

  @Column({ type: 'text' })
  aliases!: 'accept' | 'refuse';

  @Column({ type: 'text', default: 'reading' })
  status!: 'reading' | 'running' | 'done' | 'failed' | 'cancelled';

  @Column({ type: 'text', nullable: true })
  failure!: string | null;

  @Column({ type: 'text', name: 'asked_by' })
  askedBy!: string;

  @Column({ type: 'text', name: 'asked_by_kind' })
  askedByKind!: 'person' | 'service' | 'forge';

  @Column({ type: 'text', name: 'command_id', nullable: true })
  commandId!: string | null;

  @Column({ type: 'bigint', default: 0 })
  step!: string;

  @Column({ type: 'integer', default: 0 })
  attempts!: number;

  @Column({ type: 'timestamptz', name: 'stepped_at', default: () => 'clock_timestamp()' })
  steppedAt!: Date;

  @Column({ type: 'jsonb', nullable: true })
  tally!: Record<string, unknown> | null;

  @Column({ type: 'timestamptz', name: 'started_at' })
  startedAt!: Date;

  @Column({ type: 'timestamptz', name: 'ended_at', nullable: true })
  endedAt!: Date | null;
}
