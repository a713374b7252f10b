/** The core worker's own tables: the only ones it may touch (DESIGN, membership). Budgets belong to provider tenants, which sites may share. */
export const CORE_DDL = `
CREATE TABLE core_fence (
  membership_id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  generation bigint NOT NULL,
  lease_id text,
  lease_until timestamptz
);
CREATE UNLOGGED TABLE provider_budget (
  tenant text PRIMARY KEY,
  tokens double precision NOT NULL,
  as_of_ms double precision NOT NULL,
  windows jsonb NOT NULL,
  pauses jsonb NOT NULL
) WITH (fillfactor = 40);
`;
