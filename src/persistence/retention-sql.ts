/**
 * Interval for which finished jobs are kept (SPEC E11): the days that the site has saved, else the deployment's own (`JOB_RETENTION_DAYS`). Both arguments are SQL expressions.
 * Shown by the same rule in `keptOr` (contracts/setting-documents.ts).
 */
export const jobsKeptFor = (site: string, deployedDays: string): string =>
  `make_interval(days => coalesce((SELECT (value ->> 'jobDays')::int FROM site_setting WHERE site_id = ${site} AND name = 'retention'), ${deployedDays}))`;
