/** Runs of reconciliation, what they saw and what they found (SPEC D1–D4). A run's whole state is here; its workflow carries keys. */
export const RECONCILIATION_DDL = `
CREATE TABLE reconciliation_record (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  connector_id text NOT NULL REFERENCES connector (id),
  status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'done', 'stopped', 'failed')),
  trigger text NOT NULL CHECK (trigger IN ('schedule', 'admin', 'bind', 'finding')),
  asked_by text,
  -- Counts the steps handed out: an answer to an older one changes nothing.
  step bigint NOT NULL DEFAULT 0,
  -- What the step that is out asks for.
  doing jsonb,
  counts jsonb NOT NULL DEFAULT '{}',
  -- Whether the breaker has judged the listings that are in.
  judged boolean NOT NULL DEFAULT false,
  failure text,
  started_at timestamptz NOT NULL,
  -- Real time of the last step: a run without a workflow is found by it.
  stepped_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at timestamptz
);
CREATE UNIQUE INDEX reconciliation_record_one_running ON reconciliation_record (site_id, connector_id) WHERE status = 'running';
CREATE INDEX reconciliation_record_list ON reconciliation_record (site_id, started_at, id);
CREATE TABLE reconciliation_group (
  record_id text NOT NULL REFERENCES reconciliation_record (id),
  external_group_id text NOT NULL,
  site_id text NOT NULL REFERENCES site (id),
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'listing', 'listed', 'deleted', 'failed')),
  -- First listing of a group that was bound a moment ago: members without a grant are proposals of baseline access (SPEC K4).
  is_baseline boolean NOT NULL DEFAULT false,
  -- What an admin was shown when they said go on with a hold: it lets pass this reason and so many changes.
  waived_reason text CHECK (waived_reason IN ('groupDeleted', 'emptyListing', 'groupThreshold', 'runThreshold')),
  waived_changes integer,
  held text CHECK (held IN ('groupDeleted', 'emptyListing', 'groupThreshold', 'runThreshold')),
  -- Real time, noted before the first page is asked for: what was touched since (less the lag) is left alone.
  listed_from timestamptz,
  cursor text,
  next_cursor text,
  pages integer NOT NULL DEFAULT 0,
  -- The most pages that one listing of this group got to: only a page beyond it is progress, not one that is read again after a new start.
  furthest integer NOT NULL DEFAULT 0,
  members integer NOT NULL DEFAULT 0,
  expected integer NOT NULL DEFAULT 0,
  attempts integer NOT NULL DEFAULT 0,
  error text,
  PRIMARY KEY (record_id, external_group_id)
);
-- Who was on the pages so far; emptied when the group has been compared.
CREATE TABLE reconciliation_sighting (
  record_id text NOT NULL REFERENCES reconciliation_record (id),
  external_group_id text NOT NULL,
  identity_hash text NOT NULL,
  site_id text NOT NULL REFERENCES site (id),
  PRIMARY KEY (record_id, external_group_id, identity_hash)
);
CREATE TABLE reconciliation_difference (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  record_id text NOT NULL REFERENCES reconciliation_record (id),
  external_group_id text NOT NULL,
  identity_hash text NOT NULL,
  kind text NOT NULL,
  effect text NOT NULL CHECK (effect IN ('report', 'quarantine', 'revert', 'revokeGrants', 'removeEnded')),
  state text NOT NULL DEFAULT 'suspected' CHECK (state IN ('suspected', 'held', 'vanished', 'unreadable', 'said', 'toDeliver', 'toRevert', 'delivered', 'removed', 'failed')),
  -- Neither a person nor readable singly: a group or device inside the group.
  is_person boolean NOT NULL DEFAULT true,
  finding_id text,
  attempts integer NOT NULL DEFAULT 0,
  observed text CHECK (observed IN ('present', 'absent', 'unknown')),
  read_at timestamptz,
  detail text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT reconciliation_difference_once UNIQUE (record_id, external_group_id, identity_hash)
);
CREATE INDEX reconciliation_difference_by_state ON reconciliation_difference (record_id, state);
CREATE TABLE finding (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  kind text NOT NULL,
  -- What it is about within its kind: one open finding for each.
  subject_key text NOT NULL,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'repaired', 'dismissed')),
  response text NOT NULL DEFAULT 'report' CHECK (response IN ('report', 'quarantine', 'revert')),
  tool_key text,
  connector_id text REFERENCES connector (id),
  external_group_id text,
  identity_hash text,
  account_id text,
  login_hint text,
  record_id text REFERENCES reconciliation_record (id),
  evidence jsonb NOT NULL DEFAULT '{}',
  seen_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  -- When what it says was found to be over; a dismissed one speaks again after that.
  gone_at timestamptz,
  resolved_at timestamptz,
  resolved_by text,
  note text
);
CREATE UNIQUE INDEX finding_one_open ON finding (site_id, kind, subject_key) WHERE state = 'open';
CREATE INDEX finding_list ON finding (site_id, seen_at, id);
CREATE INDEX finding_by_group ON finding (site_id, connector_id, external_group_id);
`;
