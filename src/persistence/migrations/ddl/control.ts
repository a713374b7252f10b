/** Sites, their settings, the clock, commands, intake and the ticket outbox: what steers the record. */
export const CONTROL_DDL = `
CREATE TABLE site (
  id text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  name text NOT NULL,
  time_zone text NOT NULL DEFAULT 'UTC',
  cloud_id text UNIQUE,
  installation_id text UNIQUE,
  jira_base_url text,
  jira_auth_sealed text,
  jira_property_key text,
  licence text NOT NULL DEFAULT 'notReported' CHECK (licence IN ('active', 'inactive', 'notReported')),
  policy_version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE site_setting (
  site_id text NOT NULL REFERENCES site (id),
  name text NOT NULL CHECK (name IN ('intake', 'routing', 'sla', 'recertification', 'retention', 'self-service', 'guardrails', 'defaults', 'data-classes', 'reconciliation', 'leaver')),
  value jsonb NOT NULL,
  row_version integer NOT NULL DEFAULT 1,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (site_id, name)
);
-- One row: how far domain time runs ahead of Postgres time. Zero outside the sandbox.
CREATE TABLE clock_offset (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  offset_ms bigint NOT NULL DEFAULT 0 CHECK (offset_ms >= 0)
);
INSERT INTO clock_offset DEFAULT VALUES;
CREATE FUNCTION domain_now() RETURNS timestamptz LANGUAGE sql STABLE AS
  $$ SELECT date_trunc('milliseconds', clock_timestamp() + make_interval(secs => offset_ms / 1000.0)) FROM clock_offset $$;

CREATE TABLE command (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  actor text NOT NULL,
  method_path text NOT NULL,
  idempotency_key text NOT NULL,
  item text NOT NULL DEFAULT '',
  body_hash text NOT NULL,
  operation text NOT NULL,
  request_id text,
  payload jsonb NOT NULL,
  -- A credential or a login on its way to the core worker, and the field of its seal's context; both go when there is a result.
  sealed text,
  sealed_field text,
  status smallint,
  result jsonb,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  applied_at timestamptz,
  UNIQUE (site_id, actor, method_path, idempotency_key, item)
);
CREATE INDEX command_by_request ON command (site_id, request_id);
CREATE TABLE rate_event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  actor text NOT NULL,
  kind text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX rate_event_by_actor ON rate_event (site_id, actor, kind, at);
CREATE TABLE intake_event (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  issue_key text NOT NULL,
  issue_id text,
  outcome text NOT NULL CHECK (outcome IN ('accepted', 'started', 'refused')),
  reason text,
  request_id text,
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz,
  received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (site_id, issue_key)
);
CREATE INDEX intake_event_due ON intake_event (site_id, next_attempt_at) WHERE outcome = 'accepted';
CREATE TABLE ticket_outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  request_id text NOT NULL,
  issue_key text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('comment', 'transition')),
  content jsonb NOT NULL,
  audit_event_id text,
  marker text NOT NULL UNIQUE,
  status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'done', 'failed')),
  attempts integer NOT NULL DEFAULT 0,
  last_error text,
  queued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz
);
CREATE INDEX ticket_outbox_open ON ticket_outbox (site_id, request_id, id) WHERE status = 'queued';
`;
