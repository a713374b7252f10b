import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One provider tenant's budget of calls, across sites; unlogged, since after a crash of the database a fresh one is as good. */
@Entity('provider_budget')
export class ProviderBudgetEntity {
  /** `okta/<org host>` or `entra/<tenant id>`. */
  @PrimaryColumn({ type: 'text' })
  tenant!: string;

  @Column({ type: 'float8' })
  tokens!: number;

  /** Real time, milliseconds since the epoch, as the times inside the two columns below. */
  @Column({ type: 'float8', name: 'as_of_ms' })
  asOfMs!: number;

  @Column({ type: 'jsonb' })
  windows!: unknown;

  @Column({ type: 'jsonb' })
  pauses!: unknown;
}
