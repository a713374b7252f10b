import { Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import { MappingImportEntity } from './mapping-import.entity.js';
import { SiteEntity } from './site.entity.js';

@Entity('mapping_import_batch')
@Unique('mapping_import_batch_import_id_batch_key', ['importId', 'batch'])
export class MappingImportBatchEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => MappingImportEntity, { name: 'mapping_import_batch_import_id_fkey' })
  @Column({ type: 'text', name: 'import_id' })
  importId!: string;

  @Column({ type: 'integer' })
  batch!: number;

  @ForeignKey(() => SiteEntity, { name: 'mapping_import_batch_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @Column({ type: 'text', name: 'connector_id' })
  connectorId!: string;

  @Column({ type: 'text', name: 'sealed_logins' })
  sealedLogins!: string;
}
