import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('worker_heartbeat')
@Check('worker_heartbeat_kind_check', "kind IN ('governance', 'core')")
export class WorkerHeartbeatEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ type: 'text' })
  kind!: string;

  @Column({ type: 'boolean' })
  polls!: boolean;

  @Column({ type: 'timestamptz', name: 'seen_at', default: () => 'clock_timestamp()' })
  seenAt!: Date;
}
