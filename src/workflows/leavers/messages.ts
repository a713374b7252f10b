/** Input of a check: the key of the hint and nothing else. */
export interface LeaverCheckInput { readonly siteId: string; readonly hintId: string }
