import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { MassActionEntity } from './mass-action.entity.js';
import { SiteEntity } from './site.entity.js';

@Entity('access_block')
@Check('access_block_scope_check', `scope IN ('tool', 'connector', 'person')`)
@Check('access_block_source_check', `source IN ('killSwitch', 'leaver')`)
@Index('access_block_in_force', ['siteId', 'scope', 'key', 'source'], { unique: true, where: 'ended_at IS NULL' })
export class AccessBlockEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'access_block_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @ForeignKey(() => MassActionEntity, { name: 'access_block_mass_action_id_fkey' })
  @Column({ type: 'text', name: 'mass_action_id' })
  massActionId!: string;

  @Column({ type: 'text' })
  scope!: string;

  @Column({ type: 'text' })
  key!: string;

  @Column({ type: 'text' })
  reason!: string;

  @Column({ type: 'text' })
  source!: string;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'ended_at', nullable: true })
  endedAt!: Date | null;
}
