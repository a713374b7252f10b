import { ROLES } from './row-level-security.js';

/** Who works: a row for each worker process, of no site. Each role writes rows of its own kind, the governance worker those of the Core too that it reaches over HTTP; the API reads them. */
export const HEARTBEAT_DDL = `
CREATE TABLE worker_heartbeat (
  id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('governance', 'core')),
  -- Whether its Temporal worker runs; false while the engine is away.
  polls boolean NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
ALTER TABLE worker_heartbeat ENABLE ROW LEVEL SECURITY;
ALTER TABLE worker_heartbeat FORCE ROW LEVEL SECURITY;
CREATE POLICY heartbeat_read ON worker_heartbeat FOR SELECT TO ${ROLES.api} USING (true);
CREATE POLICY heartbeat_governance ON worker_heartbeat TO ${ROLES.governance} USING (true) WITH CHECK (true);
CREATE POLICY heartbeat_core ON worker_heartbeat TO ${ROLES.core} USING (kind = 'core') WITH CHECK (kind = 'core');
GRANT SELECT ON worker_heartbeat TO ${ROLES.api};
GRANT SELECT, INSERT, UPDATE, DELETE ON worker_heartbeat TO ${ROLES.governance}, ${ROLES.core};
`;
