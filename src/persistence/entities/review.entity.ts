import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { RequestEntity } from './request.entity.js';
import { SiteEntity } from './site.entity.js';

@Entity('review')
@Unique('review_site_id_request_id_account_id_key', ['siteId', 'requestId', 'accountId'])
@Check('review_vote_check', `vote IN ('approve', 'deny')`)
@Index('review_by_request', ['siteId', 'requestId', 'at'])
export class ReviewEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'review_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @ForeignKey(() => RequestEntity, { name: 'review_request_id_fkey' })
  @Column({ type: 'text', name: 'request_id' })
  requestId!: string;

  @Column({ type: 'text' })
  stage!: string;

  @Column({ type: 'text', name: 'account_id' })
  accountId!: string;

  @Column({ type: 'text' })
  vote!: 'approve' | 'deny';

  @Column({ type: 'text', nullable: true })
  comment!: string | null;

  @Column({ type: 'integer', name: 'duration_days', nullable: true })
  durationDays!: number | null;

  @Column({ type: 'text', name: 'content_hash' })
  contentHash!: string;

  @Column({ type: 'timestamptz' })
  at!: Date;
}
