import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { AccessGrantEntity } from './access-grant.entity.js';
import { MassActionEntity } from './mass-action.entity.js';
import { RequestEntity } from './request.entity.js';
import { SiteEntity } from './site.entity.js';

@Entity('mass_action_item')
@Check('mass_action_item_kind_check', `kind IN ('grant', 'ending', 'request')`)
@Check('mass_action_item_outcome_check', `outcome IN ('stopped', 'alreadyOver', 'spared')`)
@Index('mass_action_item_waiting', ['siteId', 'massActionId', 'requestId'], { where: 'outcome IS NULL' })
export class MassActionItemEntity {
  @ForeignKey(() => MassActionEntity, { name: 'mass_action_item_mass_action_id_fkey' })
  @PrimaryColumn({ type: 'text', name: 'mass_action_id', primaryKeyConstraintName: 'mass_action_item_pkey' })
  massActionId!: string;

  @ForeignKey(() => RequestEntity, { name: 'mass_action_item_request_id_fkey' })
  @PrimaryColumn({ type: 'text', name: 'request_id', primaryKeyConstraintName: 'mass_action_item_pkey' })
  requestId!: string;

  @ForeignKey(() => SiteEntity, { name: 'mass_action_item_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @ForeignKey(() => AccessGrantEntity, { name: 'mass_action_item_grant_id_fkey' })
  @Column({ type: 'text', name: 'grant_id', nullable: true })
  grantId!: string | null;

  @Column({ type: 'text' })
  kind!: string;

  @Column({ type: 'text', name: 'account_id' })
  accountId!: string;

  @Column({ type: 'text', name: 'tool_key' })
  toolKey!: string;

  @Column({ type: 'bigint', name: 'remaining_ms', nullable: true })
  remainingMs!: string | null;

  @Column({ type: 'text', nullable: true })
  outcome!: string | null;

  @Column({ type: 'timestamptz', name: 'stopped_at', nullable: true })
  stoppedAt!: Date | null;

  @Column({ type: 'text', name: 'restore_outcome', nullable: true })
  restoreOutcome!: string | null;

  @Column({ type: 'timestamptz', name: 'restored_at', nullable: true })
  restoredAt!: Date | null;

  @Column({ type: 'integer', name: 'restores_blocked', default: 0 })
  restoresBlocked!: number;
}
