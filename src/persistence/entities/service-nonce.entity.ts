import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('service_nonce')
@Index('service_nonce_expiry', ['expiresAt'])
export class ServiceNonceEntity {
  @PrimaryColumn({ type: 'text', name: 'client_id' })
  clientId!: string;

  @PrimaryColumn({ type: 'text' })
  nonce!: string;

  @Column({ type: 'timestamptz', name: 'expires_at' })
  expiresAt!: Date;
}
