import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { MappingImportEntity } from './mapping-import.entity.js';
import { SiteEntity } from './site.entity.js';

@Entity('mapping_import_batch')
export class MappingImportBatchEntity {
  @ForeignKey(() => MappingImportEntity, { name: 'mapping_import_batch_import_id_fkey' })
  @PrimaryColumn({ type: 'text', name: 'import_id', primaryKeyConstraintName: 'mapping_import_batch_pkey' })
  importId!: string;

  @PrimaryColumn({ type: 'integer', primaryKeyConstraintName: 'mapping_import_batch_pkey' })
  batch!: number;

  @ForeignKey(() => SiteEntity, { name: 'mapping_import_batch_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @Column({ type: 'text', name: 'connector_id' })
  connectorId!: string;

  @Column({ type: 'text', name: 'sealed_logins' })
  sealedLogins!: string;
}
