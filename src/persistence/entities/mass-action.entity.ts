import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { SiteEntity } from './site.entity.js';

@Entity('mass_action')
@Check('mass_action_mode_check', `mode IN ('dryRun', 'execute')`)
@Check('mass_action_restore_status_check', `restore_status IN ('none', 'running', 'done')`)
@Check('mass_action_scope_check', `scope IN ('tool', 'connector', 'person')`)
@Check('mass_action_source_check', `source IN ('killSwitch', 'leaver')`)
@Check('mass_action_status_check', `status IN ('planned', 'running', 'done', 'stopped')`)
@Index('mass_action_list', ['siteId', 'createdAt', 'id'])
@Index('mass_action_open', ['siteId', 'id'], { where: "status = 'running' OR restore_status = 'running'" })
export class MassActionEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'mass_action_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @Column({ type: 'text' })
  source!: string;

  @Column({ type: 'text' })
  scope!: string;

  @Column({ type: 'text' })
  key!: string;

  @Column({ type: 'text' })
  reason!: string;

  @Column({ type: 'text' })
  mode!: string;

  @Column({ type: 'text' })
  status!: string;

  @Column({ type: 'text', name: 'restore_status', default: 'none' })
  restoreStatus!: string;

  @Column({ type: 'text', name: 'requested_by' })
  requestedBy!: string;

  @Column({ type: 'text', name: 'confirmed_by', nullable: true })
  confirmedBy!: string | null;

  @Column({ type: 'text', name: 'restored_by', nullable: true })
  restoredBy!: string | null;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'finished_at', nullable: true })
  finishedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'restored_at', nullable: true })
  restoredAt!: Date | null;
}
