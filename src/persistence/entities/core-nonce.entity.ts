import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { SiteEntity } from './site.entity.js';

@Entity('core_nonce')
export class CoreNonceEntity {
  @PrimaryColumn({ type: 'text' })
  nonce!: string;

  @ForeignKey(() => SiteEntity, { name: 'core_nonce_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @Column({ type: 'timestamptz', name: 'expires_at' })
  expiresAt!: Date;
}
