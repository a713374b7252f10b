import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { ConnectorEntity } from './connector.entity.js';
import { ExternalIdentityEntity } from './external-identity.entity.js';
import { SiteEntity } from './site.entity.js';

@Entity('site_identity_mapping')
@Unique('site_identity_mapping_site_id_account_id_connector_id_key', ['siteId', 'accountId', 'connectorId'])
@Check('site_identity_mapping_provider_check', `provider IN ('okta', 'entra')`)
@Index('site_identity_mapping_by_identity', ['siteId', 'externalIdentityId'])
export class SiteIdentityMappingEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'site_identity_mapping_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @Column({ type: 'text', name: 'account_id' })
  accountId!: string;

  @Column({ type: 'text' })
  provider!: 'okta' | 'entra';

  @ForeignKey(() => ConnectorEntity, { name: 'site_identity_mapping_connector_id_fkey' })
  @Column({ type: 'text', name: 'connector_id' })
  connectorId!: string;

  @ForeignKey(() => ExternalIdentityEntity, { name: 'site_identity_mapping_external_identity_id_fkey' })
  @Column({ type: 'text', name: 'external_identity_id' })
  externalIdentityId!: string;

  @Column({ type: 'integer', name: 'row_version', default: 1 })
  rowVersion!: number;

  @Column({ type: 'text', name: 'created_by' })
  createdBy!: string;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'updated_at', default: () => 'clock_timestamp()' })
  updatedAt!: Date;
}
