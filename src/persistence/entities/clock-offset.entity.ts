import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('clock_offset')
@Check('clock_offset_offset_ms_check', 'offset_ms >= 0')
@Check('clock_offset_only_row_check', 'only_row')
export class ClockOffsetEntity {
  @PrimaryColumn({ type: 'boolean', name: 'only_row', default: true })
  onlyRow!: boolean;

  @Column({ type: 'bigint', name: 'offset_ms', default: 0 })
  offsetMs!: string;
}
