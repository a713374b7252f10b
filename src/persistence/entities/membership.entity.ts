import { Check, Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import { ConnectorEntity } from './connector.entity.js';
import { ExternalIdentityEntity } from './external-identity.entity.js';
import { SiteEntity } from './site.entity.js';

@Entity('membership')
@Unique('membership_one_of_person', ['siteId', 'connectorId', 'externalGroupId', 'identityHash'])
@Check('membership_desired_check', `desired IN ('present', 'absent')`)
@Check('membership_observed_check', `observed IN ('present', 'absent', 'unknown')`)
export class MembershipEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'membership_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @ForeignKey(() => ConnectorEntity, { name: 'membership_connector_id_fkey' })
  @Column({ type: 'text', name: 'connector_id' })
  connectorId!: string;

  @Column({ type: 'text', name: 'external_group_id' })
  externalGroupId!: string;

  @ForeignKey(() => ExternalIdentityEntity, { name: 'membership_external_identity_id_fkey' })
  @Column({ type: 'text', name: 'external_identity_id' })
  externalIdentityId!: string;

  @Column({ type: 'text', name: 'identity_hash' })
  identityHash!: string;

  @Column({ type: 'text' })
  desired!: 'present' | 'absent';

  @Column({ type: 'bigint', default: 0 })
  generation!: string;

  @Column({ type: 'text', default: 'unknown' })
  observed!: 'present' | 'absent' | 'unknown';

  @Column({ type: 'bigint', name: 'read_back_generation', nullable: true })
  readBackGeneration!: string | null;

  @Column({ type: 'timestamptz', name: 'last_read_at', nullable: true })
  lastReadAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'touched_at', default: () => 'clock_timestamp()' })
  touchedAt!: Date;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
