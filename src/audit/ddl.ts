/**
 * The four tables of the audit trail. Roles, grants and row-level security are the migration's.
 *
 * Rights that the parts need, and no more: business roles INSERT on audit_outbox and SELECT on the rest; the sealer
 * SELECT and DELETE on audit_outbox, SELECT and INSERT on audit_event, SELECT, INSERT and UPDATE on audit_head, for all
 * sites; an auditor SELECT only. Nobody needs UPDATE, DELETE or TRUNCATE on audit_event, and the trigger refuses them to
 * the owner too.
 *
 * Texts are `text`, never `jsonb`: jsonb reorders members and rewrites numbers, and what is hashed must be what is stored.
 * UNIQUE (site_id, seq) and UNIQUE (site_id, prev_hash) make a fork of a chain impossible whatever a sealer believes.
 * The outbox is emptied all the time, so it is vacuumed by a count of dead rows and not by a share of living ones.
 */
export const AUDIT_DDL = `
CREATE TABLE audit_outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  site_id text NOT NULL,
  event_id text NOT NULL UNIQUE,
  draft text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

CREATE TABLE audit_event (
  site_id text NOT NULL,
  seq bigint NOT NULL CHECK (seq > 0),
  event_id text NOT NULL UNIQUE,
  outbox_id bigint,
  action text NOT NULL,
  at timestamptz NOT NULL,
  request_id text,
  grant_id text,
  actor text,
  body text NOT NULL,
  prev_hash text NOT NULL,
  entry_hash text NOT NULL,
  entry_mac text NOT NULL,
  key_id text NOT NULL,
  sealed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (site_id, seq),
  UNIQUE (site_id, prev_hash)
);
CREATE INDEX audit_event_by_request ON audit_event (site_id, request_id, seq) WHERE request_id IS NOT NULL;
CREATE INDEX audit_event_by_grant ON audit_event (site_id, grant_id, seq) WHERE grant_id IS NOT NULL;
CREATE INDEX audit_event_by_actor ON audit_event (site_id, actor, seq) WHERE actor IS NOT NULL;
CREATE INDEX audit_event_by_action ON audit_event (site_id, action, seq);
CREATE INDEX audit_event_by_time ON audit_event (site_id, at);

CREATE FUNCTION audit_event_append_only() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION 'audit_event is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
  FOR EACH STATEMENT EXECUTE FUNCTION audit_event_append_only();
-- ALWAYS: also in a session that calls itself a replica.
ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_event_append_only;

CREATE TABLE audit_head (
  site_id text PRIMARY KEY,
  seq bigint NOT NULL,
  entry_hash text NOT NULL,
  epoch bigint NOT NULL
);

CREATE TABLE audit_verification (
  id text PRIMARY KEY,
  site_id text NOT NULL,
  started_at timestamptz NOT NULL,
  finished_at timestamptz,
  ok boolean,
  entries bigint,
  head_seq bigint,
  head_hash text,
  first_bad_seq bigint,
  reason text,
  requested_by text
);
CREATE INDEX audit_verification_latest ON audit_verification (site_id, started_at DESC);
`;
