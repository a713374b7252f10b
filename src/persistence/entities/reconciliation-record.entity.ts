import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { ConnectorEntity } from './connector.entity.js';
import { SiteEntity } from './site.entity.js';

@Entity('reconciliation_record')
@Check('reconciliation_record_status_check', `status IN ('running', 'done', 'stopped', 'failed')`)
@Check('reconciliation_record_trigger_check', `trigger IN ('schedule', 'admin', 'bind', 'finding')`)
@Index('reconciliation_record_one_running', ['siteId', 'connectorId'], { unique: true, where: `status = 'running'` })
@Index('reconciliation_record_list', ['siteId', 'startedAt', 'id'])
export class ReconciliationRecordEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'reconciliation_record_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @ForeignKey(() => ConnectorEntity, { name: 'reconciliation_record_connector_id_fkey' })
  @Column({ type: 'text', name: 'connector_id' })
  connectorId!: string;

  @Column({ type: 'text', default: 'running' })
  status!: 'running' | 'done' | 'stopped' | 'failed';

  @Column({ type: 'text' })
  trigger!: 'schedule' | 'admin' | 'bind' | 'finding';

  @Column({ type: 'text', name: 'asked_by', nullable: true })
  askedBy!: string | null;

  @Column({ type: 'bigint', default: 0 })
  step!: string;

  @Column({ type: 'jsonb', nullable: true })
  doing!: unknown;

  @Column({ type: 'jsonb', default: {} })
  counts!: unknown;

  @Column({ type: 'boolean', default: false })
  judged!: boolean;

  @Column({ type: 'text', nullable: true })
  failure!: string | null;

  @Column({ type: 'timestamptz', name: 'started_at' })
  startedAt!: Date;

  @Column({ type: 'timestamptz', name: 'stepped_at', default: () => 'clock_timestamp()' })
  steppedAt!: Date;

  @Column({ type: 'timestamptz', name: 'ended_at', nullable: true })
  endedAt!: Date | null;
}
