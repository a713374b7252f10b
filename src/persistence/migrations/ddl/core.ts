/** The core worker's own table: the only one it may touch (DESIGN, membership). */
export const CORE_DDL = `
CREATE TABLE core_fence (
  membership_id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  generation bigint NOT NULL,
  lease_id text,
  lease_until timestamptz
);
`;
