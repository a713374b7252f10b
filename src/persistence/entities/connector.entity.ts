import { Check, Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import { SiteEntity } from './site.entity.js';

@Entity('connector')
@Unique('connector_site_id_name_key', ['siteId', 'name'])
@Check('connector_credential_expiry_said_by_check', `credential_expiry_said_by IN ('certificate', 'admin')`)
@Check('connector_provider_check', `provider IN ('okta', 'entra')`)
@Check('connector_status_check', `status IN ('disabled', 'enabled')`)
export class ConnectorEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'connector_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  provider!: 'okta' | 'entra';

  @Column({ type: 'jsonb', name: 'public_config' })
  publicConfig!: unknown;

  @Column({ type: 'text', name: 'sealed_config' })
  sealedConfig!: string;

  @Column({ type: 'text', default: 'disabled' })
  status!: 'disabled' | 'enabled';

  @Column({ type: 'timestamptz', name: 'tested_at', nullable: true })
  testedAt!: Date | null;

  @Column({ type: 'boolean', name: 'test_ok', nullable: true })
  testOk!: boolean | null;

  @Column({ type: 'jsonb', name: 'test_report', nullable: true })
  testReport!: unknown;

  @Column({ type: 'timestamptz', name: 'credential_expires_at', nullable: true })
  credentialExpiresAt!: Date | null;

  @Column({ type: 'text', name: 'credential_expiry_said_by', nullable: true })
  credentialExpirySaidBy!: 'certificate' | 'admin' | null;

  @Column({ type: 'integer', name: 'credential_warned_days', nullable: true })
  credentialWarnedDays!: number | null;

  @Column({ type: 'integer', name: 'row_version', default: 1 })
  rowVersion!: number;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'updated_at', default: () => 'clock_timestamp()' })
  updatedAt!: Date;
}
