import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('core_nonce')
@Index('core_nonce_expiry', ['expiresAt'])
export class CoreNonceEntity {
  @PrimaryColumn({ type: 'text', name: 'client_id' })
  clientId!: string;

  @PrimaryColumn({ type: 'text' })
  nonce!: string;

  @Column({ type: 'timestamptz', name: 'expires_at' })
  expiresAt!: Date;
}
