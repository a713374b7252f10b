import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { SiteEntity } from './site.entity.js';

@Entity('rate_event')
@Index('rate_event_by_actor', ['siteId', 'actor', 'kind', 'at'])
export class RateEventEntity {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'rate_event_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @Column({ type: 'text' })
  actor!: string;

  @Column({ type: 'text' })
  kind!: string;

  @Column({ type: 'timestamptz', default: () => 'clock_timestamp()' })
  at!: Date;
}
