/** The record itself: requests, reviews, grants, memberships, jobs and manual actions. The unique indexes are the second lock (DESIGN). */
export const RECORD_DDL = `
CREATE TABLE request (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  -- Intake's key is the issue's id: a moved issue changes its key (SPEC I3).
  issue_id text,
  issue_key text,
  project_key text NOT NULL,
  tool_key text NOT NULL,
  role_key text,
  requester text NOT NULL,
  submitted_by text NOT NULL,
  business_use text NOT NULL,
  data_classes text[] NOT NULL,
  duration_days integer NOT NULL CHECK (duration_days BETWEEN 1 AND 3650),
  content_hash text NOT NULL,
  jira_groups text[] NOT NULL DEFAULT '{}',
  -- When Jira said so, domain time; null: policy has not looked at them yet.
  groups_read_at timestamptz,
  decision text NOT NULL CHECK (decision IN ('pending', 'approved', 'denied', 'withdrawn', 'lapsed')),
  decision_source text CHECK (decision_source IN ('human', 'autoPolicy', 'policyDeny', 'breakGlass', 'lapse', 'requester', 'leaver', 'killSwitch')),
  decided_by text,
  decided_at timestamptz,
  decided_duration_days integer CHECK (decided_duration_days BETWEEN 1 AND 180),
  policy jsonb NOT NULL,
  stages text[] NOT NULL DEFAULT '{}',
  pending_stage text,
  remind_at timestamptz,
  reminded_at timestamptz,
  breach_at timestamptz,
  breached_at timestamptz,
  lapse_at timestamptz,
  -- Set when the engine has answered a start; null means: recorded, to be started (SPEC I6, intake survives the engine).
  started_at timestamptz,
  closed_at timestamptz,
  next_due_at timestamptz,
  row_version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  CHECK ((decision = 'pending') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX request_one_per_issue ON request (site_id, issue_id) WHERE issue_id IS NOT NULL;
CREATE INDEX request_due ON request (site_id, next_due_at) WHERE next_due_at IS NOT NULL;
CREATE INDEX request_list ON request (site_id, created_at DESC, id DESC);
CREATE INDEX request_by_requester ON request (site_id, requester, created_at DESC, id DESC);
CREATE INDEX request_by_issue_key ON request (site_id, issue_key);
CREATE INDEX request_pending ON request (site_id, project_key, created_at, id) WHERE decision = 'pending';
CREATE TABLE review (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  request_id text NOT NULL REFERENCES request (id),
  stage text NOT NULL,
  account_id text NOT NULL,
  vote text NOT NULL CHECK (vote IN ('approve', 'deny')),
  comment text,
  duration_days integer,
  -- A vote counts for this content and no other (N8).
  content_hash text NOT NULL,
  at timestamptz NOT NULL,
  UNIQUE (site_id, request_id, account_id)
);
CREATE INDEX review_by_request ON review (site_id, request_id, at);
CREATE TABLE membership (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  connector_id text NOT NULL REFERENCES connector (id),
  external_group_id text NOT NULL,
  -- One of those of the person that this row is for.
  external_identity_id text NOT NULL REFERENCES external_identity (id),
  identity_hash text NOT NULL,
  desired text NOT NULL CHECK (desired IN ('present', 'absent')),
  generation bigint NOT NULL DEFAULT 0,
  observed text NOT NULL DEFAULT 'unknown' CHECK (observed IN ('present', 'absent', 'unknown')),
  -- The generation that was last read back present: no add is sent for it again (DESIGN, converge).
  read_back_generation bigint,
  last_read_at timestamptz,
  -- Real time of the last change of this row: reconciliation leaves alone what moves.
  touched_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- One row for one membership, whichever connector of the org or tenant resolved the person (N7).
  CONSTRAINT membership_one_of_person UNIQUE (site_id, connector_id, external_group_id, identity_hash)
);
CREATE TABLE access_grant (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  request_id text NOT NULL UNIQUE REFERENCES request (id),
  account_id text NOT NULL,
  tool_key text NOT NULL,
  role_key text,
  status text NOT NULL CHECK (status IN ('pendingProvision', 'active', 'suspended', 'removing', 'expired', 'revoked')),
  fulfilment text NOT NULL CHECK (fulfilment IN ('none', 'connector', 'manual')),
  membership_id text REFERENCES membership (id),
  connector_id text REFERENCES connector (id),
  external_group_id text,
  duration_days integer NOT NULL CHECK (duration_days BETWEEN 1 AND 180),
  first_started_at timestamptz,
  starts_at timestamptz,
  expires_at timestamptz NOT NULL,
  end_reason text CHECK (end_reason IN ('expired', 'revoked', 'returned', 'policy', 'leaver', 'killSwitch')),
  ended_by text,
  ending_at timestamptz,
  ended_at timestamptz,
  end_evidence text CHECK (end_evidence IN ('readBack', 'attested', 'heldByOtherGrant', 'heldByBaseline', 'neverProvisioned', 'noConnector')),
  start_evidence text CHECK (start_evidence IN ('readBack', 'attested', 'noConnector')),
  row_version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX access_grant_one_open ON access_grant (site_id, account_id, tool_key) WHERE status IN ('pendingProvision', 'active', 'suspended');
CREATE INDEX access_grant_by_account ON access_grant (site_id, account_id, expires_at);
CREATE INDEX access_grant_by_membership ON access_grant (site_id, membership_id) WHERE membership_id IS NOT NULL;
CREATE INDEX access_grant_list ON access_grant (site_id, created_at DESC, id DESC);
CREATE TABLE provisioning_job (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  request_id text NOT NULL REFERENCES request (id),
  grant_id text NOT NULL REFERENCES access_grant (id),
  kind text NOT NULL CHECK (kind IN ('provision', 'deprovision', 'check')),
  status text NOT NULL CHECK (status IN ('queued', 'running', 'retrying', 'succeeded', 'manual', 'deadLetter', 'superseded')),
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz,
  last_error text,
  last_error_code text,
  intent_id text,
  created_at timestamptz NOT NULL,
  finished_at timestamptz
);
CREATE UNIQUE INDEX provisioning_job_one_open ON provisioning_job (site_id, grant_id, kind) WHERE status IN ('queued', 'running', 'retrying', 'manual', 'deadLetter');
CREATE INDEX provisioning_job_by_request ON provisioning_job (site_id, request_id, created_at);
CREATE INDEX provisioning_job_list ON provisioning_job (site_id, created_at DESC, id DESC);
CREATE TABLE membership_intent (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  membership_id text NOT NULL REFERENCES membership (id),
  grant_id text REFERENCES access_grant (id),
  job_id text REFERENCES provisioning_job (id),
  -- A member without any grant is removed for a finding (SPEC D1, revert): then there is neither grant nor job.
  finding_id text,
  generation bigint NOT NULL,
  desired text NOT NULL CHECK (desired IN ('present', 'absent')),
  -- The policy decision that allows an add (N9); null for removals and reads.
  allowed_by jsonb,
  -- Real time: leases and deadlines never follow the domain clock.
  committed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  deadline_at timestamptz NOT NULL,
  outcome text CHECK (outcome IN ('changed', 'unchanged', 'notWritten', 'unknown', 'resolved')),
  ended_at timestamptz,
  CONSTRAINT membership_intent_owner_check CHECK ((grant_id IS NULL) = (job_id IS NULL) AND (grant_id IS NULL) = (finding_id IS NOT NULL))
);
CREATE INDEX membership_intent_open ON membership_intent (site_id, membership_id) WHERE ended_at IS NULL;
CREATE TABLE manual_action (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  request_id text NOT NULL REFERENCES request (id),
  grant_id text NOT NULL REFERENCES access_grant (id),
  job_id text REFERENCES provisioning_job (id),
  kind text NOT NULL CHECK (kind IN ('provision', 'deprovision', 'check')),
  reason text NOT NULL,
  detail text NOT NULL,
  assignee text,
  due_at timestamptz,
  -- When it is called overdue, and a removal again; null: not (any more).
  alarm_at timestamptz,
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'done', 'obsolete')),
  outcome text,
  completed_by text,
  note text,
  read_back jsonb,
  opened_at timestamptz NOT NULL,
  completed_at timestamptz
);
CREATE UNIQUE INDEX manual_action_one_open ON manual_action (site_id, grant_id, kind) WHERE status = 'open';
CREATE INDEX manual_action_list ON manual_action (site_id, opened_at DESC, id DESC);
`;
