/** Mass actions: kill switches and leavers, what they block, and what they found (ADR 0012). */
export const MASS_ACTION_DDL = `
CREATE TABLE mass_action (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  source text NOT NULL CHECK (source IN ('killSwitch', 'leaver')),
  scope text NOT NULL CHECK (scope IN ('tool', 'connector', 'person')),
  key text NOT NULL,
  reason text NOT NULL,
  mode text NOT NULL CHECK (mode IN ('dryRun', 'execute')),
  -- stopped: held by the mass-loss breaker until an admin confirms, or ended by a restore before it was through.
  status text NOT NULL CHECK (status IN ('planned', 'running', 'done', 'stopped')),
  restore_status text NOT NULL DEFAULT 'none' CHECK (restore_status IN ('none', 'running', 'done')),
  requested_by text NOT NULL,
  confirmed_by text,
  restored_by text,
  created_at timestamptz NOT NULL,
  finished_at timestamptz,
  restored_at timestamptz
);
CREATE INDEX mass_action_list ON mass_action (site_id, created_at DESC, id DESC);
CREATE INDEX mass_action_open ON mass_action (site_id, id) WHERE status = 'running' OR restore_status = 'running';
CREATE TABLE access_block (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  mass_action_id text NOT NULL REFERENCES mass_action (id),
  scope text NOT NULL CHECK (scope IN ('tool', 'connector', 'person')),
  key text NOT NULL,
  reason text NOT NULL,
  source text NOT NULL CHECK (source IN ('killSwitch', 'leaver')),
  created_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE UNIQUE INDEX access_block_in_force ON access_block (site_id, scope, key, source) WHERE ended_at IS NULL;
CREATE TABLE mass_action_item (
  mass_action_id text NOT NULL REFERENCES mass_action (id),
  request_id text NOT NULL REFERENCES request (id),
  site_id text NOT NULL REFERENCES site (id),
  grant_id text REFERENCES access_grant (id),
  -- grant: open when it was found; ending: its removal was under way already; request: nobody had decided it.
  kind text NOT NULL CHECK (kind IN ('grant', 'ending', 'request')),
  account_id text NOT NULL,
  tool_key text NOT NULL,
  -- Of the grant, when it was found: what a restore gives back.
  remaining_ms bigint,
  outcome text CHECK (outcome IN ('stopped', 'alreadyOver', 'spared')),
  stopped_at timestamptz,
  -- restored, or the code of the refusal.
  restore_outcome text,
  restored_at timestamptz,
  -- Restores that another block refused: each one after it is a command of its own.
  restores_blocked integer NOT NULL DEFAULT 0,
  PRIMARY KEY (mass_action_id, request_id)
);
CREATE INDEX mass_action_item_waiting ON mass_action_item (site_id, mass_action_id, request_id) WHERE outcome IS NULL;
-- What made the product look whether somebody has left; a fresh read decides. The sealed id is dropped once it is read.
CREATE TABLE leaver_hint (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  cause text NOT NULL CHECK (cause IN ('oktaEvent', 'converge', 'reconciliation', 'jiraAccount')),
  connector_id text,
  sealed_identity text,
  external_identity_id text,
  account_id text,
  event_key text NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'confirmed', 'refuted', 'unmapped', 'unreadable')),
  -- The cases of those whom it was about; kept at least as long as one of them is open.
  case_ids text[] NOT NULL DEFAULT '{}',
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz DEFAULT clock_timestamp(),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz,
  UNIQUE (site_id, event_key)
);
CREATE INDEX leaver_hint_due ON leaver_hint (site_id, next_attempt_at) WHERE state = 'pending';
-- The secret that an Okta org sends with its events, as its SHA-256.
CREATE TABLE event_hook (
  connector_id text PRIMARY KEY REFERENCES connector (id) ON DELETE CASCADE,
  site_id text NOT NULL REFERENCES site (id),
  secret_hash text NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
`;
