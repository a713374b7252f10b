import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { SiteEntity } from './site.entity.js';

@Entity('site_setting')
@Check('site_setting_name_check', `name IN ('intake', 'routing', 'sla', 'recertification', 'retention', 'self-service', 'guardrails', 'defaults', 'data-classes', 'reconciliation', 'leaver')`)
export class SiteSettingEntity {
  @ForeignKey(() => SiteEntity, { name: 'site_setting_site_id_fkey' })
  @PrimaryColumn({ type: 'text', name: 'site_id' })
  siteId!: string;

  @PrimaryColumn({ type: 'text' })
  name!: 'intake' | 'routing' | 'sla' | 'recertification' | 'retention' | 'self-service' | 'guardrails' | 'defaults' | 'data-classes' | 'reconciliation' | 'leaver';

  @Column({ type: 'jsonb' })
  value!: unknown;

  @Column({ type: 'integer', name: 'row_version', default: 1 })
  rowVersion!: number;

  @Column({ type: 'timestamptz', name: 'updated_at', default: () => 'clock_timestamp()' })
  updatedAt!: Date;
}
