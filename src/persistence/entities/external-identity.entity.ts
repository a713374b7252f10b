import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { ConnectorEntity } from './connector.entity.js';
import { SiteEntity } from './site.entity.js';

@Entity('external_identity')
@Unique('external_identity_site_id_connector_id_identity_hash_key', ['siteId', 'connectorId', 'identityHash'])
@Index('external_identity_by_hash', ['siteId', 'identityHash'])
@Check('external_identity_provider_check', `provider IN ('okta', 'entra')`)
export class ExternalIdentityEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'external_identity_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @Column({ type: 'text' })
  provider!: 'okta' | 'entra';

  @ForeignKey(() => ConnectorEntity, { name: 'external_identity_connector_id_fkey' })
  @Column({ type: 'text', name: 'connector_id' })
  connectorId!: string;

  @Column({ type: 'text', name: 'identity_hash' })
  identityHash!: string;

  @Column({ type: 'text' })
  sealed!: string;

  @Column({ type: 'text', name: 'login_hint' })
  loginHint!: string;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
