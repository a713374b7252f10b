import { Check, Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import { ConnectorEntity } from './connector.entity.js';
import { SiteEntity } from './site.entity.js';

@Entity('tool')
@Unique('tool_site_id_key_key', ['siteId', 'key'])
@Check('tool_check', `(fulfilment = 'automatic') OR ((fulfilment_owner IS NOT NULL) AND (fulfilment_hours IS NOT NULL))`)
@Check('tool_category_check', `category IN ('application', 'apiPlatform')`)
@Check('tool_drift_response_check', `drift_response IN ('report', 'quarantine', 'revert')`)
@Check('tool_fulfilment_check', `fulfilment IN ('automatic', 'manual')`)
@Check('tool_fulfilment_hours_check', '(fulfilment_hours >= 1) AND (fulfilment_hours <= 720)')
@Check('tool_max_duration_days_check', '(max_duration_days >= 1) AND (max_duration_days <= 180)')
@Check('tool_provider_check', `provider IN ('none', 'okta', 'entra')`)
@Check('tool_risk_check', `risk IN ('low', 'medium', 'high', 'critical')`)
@Check('tool_status_check', `status IN ('approved', 'pilot', 'restricted', 'blocked', 'retired')`)
export class ToolEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'tool_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @Column({ type: 'text' })
  key!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  vendor!: string;

  @Column({ type: 'text' })
  status!: 'approved' | 'pilot' | 'restricted' | 'blocked' | 'retired';

  @Column({ type: 'text' })
  risk!: 'low' | 'medium' | 'high' | 'critical';

  @Column({ type: 'integer', name: 'max_duration_days' })
  maxDurationDays!: number;

  @Column({ type: 'text' })
  provider!: 'none' | 'okta' | 'entra';

  @ForeignKey(() => ConnectorEntity, { name: 'tool_connector_id_fkey' })
  @Column({ type: 'text', name: 'connector_id', nullable: true })
  connectorId!: string | null;

  @Column({ type: 'text', default: '' })
  summary!: string;

  @Column({ type: 'text', nullable: true })
  owner!: string | null;

  @Column({ type: 'text', name: 'pilot_groups', array: true, default: [] })
  pilotGroups!: string[];

  @Column({ type: 'text', name: 'data_classes', array: true, nullable: true })
  dataClasses!: string[] | null;

  @Column({ type: 'text', default: 'automatic' })
  fulfilment!: 'automatic' | 'manual';

  @Column({ type: 'text', name: 'fulfilment_owner', nullable: true })
  fulfilmentOwner!: string | null;

  @Column({ type: 'integer', name: 'fulfilment_hours', nullable: true })
  fulfilmentHours!: number | null;

  @Column({ type: 'text', name: 'drift_response', default: 'report' })
  driftResponse!: 'report' | 'quarantine' | 'revert';

  @Column({ type: 'text', default: 'application' })
  category!: 'application' | 'apiPlatform';

  @Column({ type: 'jsonb', name: 'entitlement_attestation', nullable: true })
  entitlementAttestation!: unknown;

  @Column({ type: 'integer', name: 'seeded_version', nullable: true })
  seededVersion!: number | null;

  @Column({ type: 'integer', name: 'row_version', default: 1 })
  rowVersion!: number;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'updated_at', default: () => 'clock_timestamp()' })
  updatedAt!: Date;
}
