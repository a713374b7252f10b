/** Imports of identity mappings (SPEC F5): the file as it was read, and what became of each row. Logins are sealed, and forgotten when the import has ended. */
export const MAPPING_IMPORT_DDL = `
CREATE TABLE mapping_import (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  dry_run boolean NOT NULL,
  aliases text NOT NULL CHECK (aliases IN ('accept', 'refuse')),
  -- reading: the file is still arriving.
  status text NOT NULL DEFAULT 'reading' CHECK (status IN ('reading', 'running', 'done', 'failed', 'cancelled')),
  failure text,
  asked_by text NOT NULL,
  asked_by_kind text NOT NULL CHECK (asked_by_kind IN ('person', 'service', 'forge')),
  command_id text,
  -- Counts the steps handed out: an answer to an older one changes nothing.
  step bigint NOT NULL DEFAULT 0,
  attempts integer NOT NULL DEFAULT 0,
  -- Real time of the last step: an import without a workflow is found by it.
  stepped_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Rows of each fate, counted once when the import has ended: a list counts no ended import's rows.
  tally jsonb,
  started_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE INDEX mapping_import_open ON mapping_import (site_id, stepped_at) WHERE status IN ('reading', 'running');
-- Logins that are looked up together, sealed as one for the core worker.
CREATE TABLE mapping_import_batch (
  id text PRIMARY KEY,
  import_id text NOT NULL REFERENCES mapping_import (id),
  batch integer NOT NULL,
  site_id text NOT NULL REFERENCES site (id),
  connector_id text NOT NULL,
  sealed_logins text NOT NULL,
  UNIQUE (import_id, batch)
);
CREATE TABLE mapping_import_row (
  import_id text NOT NULL REFERENCES mapping_import (id),
  line integer NOT NULL,
  site_id text NOT NULL REFERENCES site (id),
  account_id text,
  provider text CHECK (provider IN ('okta', 'entra')),
  -- Where its login is; null where there is nothing to look up.
  batch integer,
  place integer,
  -- Null: not looked at yet.
  fate text CHECK (fate IN ('add', 'change', 'unchanged', 'duplicate', 'alias', 'unresolved', 'bad')),
  code text,
  detail text,
  identity_hash text,
  PRIMARY KEY (import_id, line)
);
CREATE INDEX mapping_import_row_waiting ON mapping_import_row (import_id, batch, place) WHERE fate IS NULL;
CREATE INDEX mapping_import_row_account ON mapping_import_row (import_id, provider, account_id);
CREATE INDEX mapping_import_row_identity ON mapping_import_row (import_id, identity_hash) WHERE identity_hash IS NOT NULL;
`;
