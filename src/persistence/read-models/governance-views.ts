import type { ApprovalPolicyView, ProjectView } from '../../application/ports/api-views.js';
import { changeTimes } from './catalog-views.js';

/** Governance rows as SELECT lists, and what the API shows of them. Null tool keys mean all tools. */
export const POLICY_SELECT = `
  SELECT p.id, p.name, p.project_key AS "projectKey", coalesce(to_json(p.tool_keys), to_json('all'::text)) AS "toolKeys", p.auto_approve AS "autoApprove", p.jira_groups AS "jiraGroups",
    p.max_duration_days AS "maxDurationDays", p.enabled, p.row_version AS version, p.created_at AS "createdAt", p.updated_at AS "updatedAt"
  FROM approval_policy p`;
export interface PolicyViewRow extends Omit<ApprovalPolicyView, 'createdAt' | 'updatedAt'> { readonly createdAt: Date; readonly updatedAt: Date }
export const toPolicyView = ({ createdAt, updatedAt, ...row }: PolicyViewRow): ApprovalPolicyView => ({ ...row, ...changeTimes(createdAt, updatedAt) });

export const PROJECT_SELECT = `
  SELECT p.key, p.enabled, p.approver_account_ids AS approvers, p.security_reviewer_account_ids AS "securityReviewers", p.admin_fallback AS "adminFallback",
    p.approve_transitions AS "approveTransitions", p.deny_transitions AS "denyTransitions", p.row_version AS version, p.created_at AS "createdAt", p.updated_at AS "updatedAt"
  FROM project_registry p`;
export interface ProjectViewRow extends Omit<ProjectView, 'createdAt' | 'updatedAt'> { readonly createdAt: Date; readonly updatedAt: Date }
export const toProjectView = ({ createdAt, updatedAt, ...row }: ProjectViewRow): ProjectView => ({ ...row, ...changeTimes(createdAt, updatedAt) });
