/** How often one actor may do what costs much (SPEC A1, E8): operations per window. The API refuses by it, and a diagnosis names who has used it up. */
export const RATE_LIMITS = {
  bulkDecision: { limit: 5, windowSeconds: 60 },
  auditVerification: { limit: 5, windowSeconds: 60 },
} as const;
