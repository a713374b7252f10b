import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { SiteEntity } from './site.entity.js';

@Entity('request')
@Check('request_check', `(decision = 'pending') = (decided_at IS NULL)`)
@Check('request_decided_duration_days_check', '(decided_duration_days >= 1) AND (decided_duration_days <= 180)')
@Check('request_decision_check', `decision IN ('pending', 'approved', 'denied', 'withdrawn', 'lapsed')`)
@Check('request_decision_source_check', `decision_source IN ('human', 'autoPolicy', 'policyDeny', 'breakGlass', 'lapse', 'requester', 'leaver', 'killSwitch')`)
@Check('request_duration_days_check', '(duration_days >= 1) AND (duration_days <= 3650)')
@Index('request_by_issue_key', ['siteId', 'issueKey'])
@Index('request_by_requester', ['siteId', 'requester', 'createdAt', 'id'])
@Index('request_due', ['siteId', 'nextDueAt'], { where: 'next_due_at IS NOT NULL' })
@Index('request_list', ['siteId', 'createdAt', 'id'])
@Index('request_one_per_issue', ['siteId', 'issueId'], { unique: true, where: 'issue_id IS NOT NULL' })
@Index('request_pending', ['siteId', 'projectKey', 'createdAt', 'id'], { where: `decision = 'pending'` })
export class RequestEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @ForeignKey(() => SiteEntity, { name: 'request_site_id_fkey' })
  @Column({ type: 'text', name: 'site_id' })
  siteId!: string;

  @Column({ type: 'text', name: 'issue_id', nullable: true })
  issueId!: string | null;

  @Column({ type: 'text', name: 'issue_key', nullable: true })
  issueKey!: string | null;

  @Column({ type: 'text', name: 'project_key' })
  projectKey!: string;

  @Column({ type: 'text', name: 'tool_key' })
  toolKey!: string;

  @Column({ type: 'text', name: 'role_key', nullable: true })
  roleKey!: string | null;

  @Column({ type: 'text' })
  requester!: string;

  @Column({ type: 'text', name: 'submitted_by' })
  submittedBy!: string;

  @Column({ type: 'text', name: 'business_use' })
  businessUse!: string;

  @Column({ type: 'text', name: 'data_classes', array: true })
  dataClasses!: string[];

  @Column({ type: 'integer', name: 'duration_days' })
  durationDays!: number;

  @Column({ type: 'text', name: 'content_hash' })
  contentHash!: string;

  @Column({ type: 'text', name: 'jira_groups', array: true, default: [] })
  jiraGroups!: string[];

  @Column({ type: 'timestamptz', name: 'groups_read_at', nullable: true })
  groupsReadAt!: Date | null;

  @Column({ type: 'text' })
  decision!: 'pending' | 'approved' | 'denied' | 'withdrawn' | 'lapsed';

  @Column({ type: 'text', name: 'decision_source', nullable: true })
  decisionSource!: 'human' | 'autoPolicy' | 'policyDeny' | 'breakGlass' | 'lapse' | 'requester' | 'leaver' | 'killSwitch' | null;

  @Column({ type: 'text', name: 'decided_by', nullable: true })
  decidedBy!: string | null;

  @Column({ type: 'timestamptz', name: 'decided_at', nullable: true })
  decidedAt!: Date | null;

  @Column({ type: 'integer', name: 'decided_duration_days', nullable: true })
  decidedDurationDays!: number | null;

  @Column({ type: 'jsonb' })
  policy!: unknown;

  @Column({ type: 'text', array: true, default: [] })
  stages!: string[];

  @Column({ type: 'text', name: 'pending_stage', nullable: true })
  pendingStage!: string | null;

  @Column({ type: 'timestamptz', name: 'remind_at', nullable: true })
  remindAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'reminded_at', nullable: true })
  remindedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'breach_at', nullable: true })
  breachAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'breached_at', nullable: true })
  breachedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'lapse_at', nullable: true })
  lapseAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'started_at', nullable: true })
  startedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'closed_at', nullable: true })
  closedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'next_due_at', nullable: true })
  nextDueAt!: Date | null;

  @Column({ type: 'integer', name: 'row_version', default: 1 })
  rowVersion!: number;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;
}
