import { z } from 'zod';
import { id, issueKey } from './primitives.js';

const issueRef = z.looseObject({ id: z.union([z.string().regex(/^[0-9]{1,18}$/), z.int().positive()]).transform(String).optional(), key: issueKey });
const forgeEvent = z.looseObject({ eventType: z.string().max(100).optional(), issue: issueRef });

export interface IssueCreated {
  readonly issueKey: string;
  /** Jira's stable id; a moved issue changes its key (SPEC I3). Unknown when only the key was sent: then Jira is asked. */
  readonly issueId: string | null;
  readonly eventType: string | null;
}
const fromEvent = (event: z.infer<typeof forgeEvent>): IssueCreated => ({ issueKey: event.issue.key, issueId: event.issue.id ?? null, eventType: event.eventType ?? null });

/**
 * Jira's issue-created event. Forge documents only parts of its envelope, so the body may be the event or carry it as `payload`, and unknown
 * fields pass; nothing but the issue is read from it, and only to ask Jira. `{issueKey}` alone is strict.
 */
export const issueCreatedBody = z.union([
  z.strictObject({ issueKey }).transform((body): IssueCreated => ({ issueKey: body.issueKey, issueId: null, eventType: null })),
  z.looseObject({ payload: forgeEvent }).transform((body) => fromEvent(body.payload)),
  forgeEvent.transform(fromEvent),
], { error: "expected {issueKey} or Jira's issue-created event with issue.key" });

export const intakeAnswer = z.strictObject({
  outcome: z.enum(['started', 'accepted', 'duplicate', 'refused']),
  requestId: id.optional(),
  reason: z.string().optional(),
});
export type IntakeAnswer = z.infer<typeof intakeAnswer>;
