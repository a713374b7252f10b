import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { MappingImportEntity } from './mapping-import.entity.js';
import { SiteEntity } from './site.entity.js';

@Entity('mapping_import_row')
@Check('mapping_import_row_provider_check', `provider IN ('okta', 'entra')`)
@Check('mapping_import_row_fate_check', `fate IN ('add', 'change', 'unchanged', 'duplicate', 'alias', 'unresolved', 'bad')`)
@Index('mapping_import_row_waiting', ['importId', 'batch', 'place'], { where: 'fate IS NULL' })
@Index('mapping_import_row_account', ['importId', 'provider', 'accountId'])
@Index('mapping_import_row_identity', ['importId', 'identityHash'], { where: 'identity_hash IS NOT NULL' })
export class MappingImportRowEntity {
  @ForeignKey(() => MappingImportEntity, { name: 'mapping_import_row_import_id_fkey' })
  @PrimaryColumn({ type: 'text', name: 'import_id', primaryKeyConstraintName: 'mapping_import_row_pkey' })
  importId!: string;

  @PrimaryColumn({ type: 'integer', primaryKeyConstraintName: 'mapping_import_row_pkey' })
  line!: number;

  @ForeignKey(() => SiteEntity, { name: 'mapping_import_row_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @Column({ type: 'text', name: 'account_id', nullable: true })
  accountId!: string | null;

  @Column({ type: 'text', nullable: true })
  provider!: 'okta' | 'entra' | null;

  @Column({ type: 'integer', nullable: true })
  batch!: number | null;

  @Column({ type: 'integer', nullable: true })
  place!: number | null;

  @Column({ type: 'text', nullable: true })
  fate!: 'add' | 'change' | 'unchanged' | 'duplicate' | 'alias' | 'unresolved' | 'bad' | null;

  @Column({ type: 'text', nullable: true })
  code!: string | null;

  @Column({ type: 'text', nullable: true })
  detail!: string | null;

  @Column({ type: 'text', name: 'identity_hash', nullable: true })
  identityHash!: string | null;
}
