import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { ConnectorEntity } from './connector.entity.js';
import { SiteEntity } from './site.entity.js';

@Entity('event_hook')
export class EventHookEntity {
  @ForeignKey(() => ConnectorEntity, { name: 'event_hook_connector_id_fkey', onDelete: 'CASCADE' })
  @PrimaryColumn({ type: 'text', name: 'connector_id' })
  connectorId!: string;

  @ForeignKey(() => SiteEntity, { name: 'event_hook_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @Column({ type: 'text', name: 'secret_hash' })
  secretHash!: string;

  @Column({ type: 'text', name: 'created_by' })
  createdBy!: string;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
