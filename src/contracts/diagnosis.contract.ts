import { z } from 'zod';
import { SYMPTOMS } from '../domain/diagnosis/facts.js';
import { id, instant, issueKey } from './primitives.js';

/** Answers to the troubleshooting list for one issue, from what is so now (SPEC O1). */
export const diagnosisView = z.strictObject({
  issueKey,
  at: instant,
  requestId: id.nullable(),
  symptoms: z.array(z.strictObject({
    symptom: z.enum(SYMPTOMS),
    title: z.string(),
    /** `unknown`: nothing is wrong that could be looked at. `notApplicable`: this issue can't have the symptom, for the reason in its first look; what follows is information. */
    verdict: z.enum(['ok', 'problem', 'unknown', 'notApplicable']),
    /** `ok` null: it could not be looked at, or is still under way. */
    looks: z.array(z.strictObject({ ok: z.boolean().nullable(), saw: z.string(), toDo: z.string().nullable() })),
  })),
});
export type DiagnosisView = z.infer<typeof diagnosisView>;
