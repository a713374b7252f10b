import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { ReconciliationRecordEntity } from './reconciliation-record.entity.js';
import { SiteEntity } from './site.entity.js';

@Entity('reconciliation_sighting')

export class ReconciliationSightingEntity {
  @ForeignKey(() => ReconciliationRecordEntity, { name: 'reconciliation_sighting_record_id_fkey' })
  @PrimaryColumn({ type: 'text', name: 'record_id' })
  recordId!: string;

  @PrimaryColumn({ type: 'text', name: 'external_group_id' })
  externalGroupId!: string;

  @PrimaryColumn({ type: 'text', name: 'identity_hash' })
  identityHash!: string;

  @ForeignKey(() => SiteEntity, { name: 'reconciliation_sighting_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;
}
