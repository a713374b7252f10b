/** What an admin keeps: projects, connectors, tools and their groups, people's identities, policies. */
export const CATALOG_DDL = `
CREATE TABLE project_registry (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  key text NOT NULL,
  enabled boolean NOT NULL DEFAULT true,
  approver_account_ids text[] NOT NULL DEFAULT '{}',
  security_reviewer_account_ids text[] NOT NULL DEFAULT '{}',
  admin_fallback text NOT NULL DEFAULT 'whenNoApprover' CHECK (admin_fallback IN ('never', 'whenNoApprover', 'always')),
  approve_transitions text[] NOT NULL DEFAULT '{}',
  deny_transitions text[] NOT NULL DEFAULT '{}',
  row_version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (site_id, key)
);
CREATE TABLE connector (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  name text NOT NULL,
  provider text NOT NULL CHECK (provider IN ('okta', 'entra')),
  -- What may be shown: addresses and ids. Everything secret is in sealed_config, which only the core worker opens.
  public_config jsonb NOT NULL,
  sealed_config text NOT NULL,
  status text NOT NULL DEFAULT 'disabled' CHECK (status IN ('disabled', 'enabled')),
  tested_at timestamptz,
  test_ok boolean,
  test_report jsonb,
  -- When the credential expires, who says so, and the last warning that was given of it, in days before (SPEC F16).
  credential_expires_at timestamptz,
  credential_expiry_said_by text CHECK (credential_expiry_said_by IN ('certificate', 'admin')),
  credential_warned_days integer,
  row_version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (site_id, name)
);
CREATE TABLE tool (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  key text NOT NULL,
  name text NOT NULL,
  vendor text NOT NULL,
  status text NOT NULL CHECK (status IN ('approved', 'pilot', 'restricted', 'blocked', 'retired')),
  risk text NOT NULL CHECK (risk IN ('low', 'medium', 'high', 'critical')),
  max_duration_days integer NOT NULL CHECK (max_duration_days BETWEEN 1 AND 180),
  provider text NOT NULL CHECK (provider IN ('none', 'okta', 'entra')),
  connector_id text REFERENCES connector (id),
  summary text NOT NULL DEFAULT '',
  owner text,
  pilot_groups text[] NOT NULL DEFAULT '{}',
  -- Null: every data class of the site; otherwise only these (SPEC P12).
  data_classes text[],
  -- A tool fulfilled by people names one of them and a deadline (SPEC F11, P11).
  fulfilment text NOT NULL DEFAULT 'automatic' CHECK (fulfilment IN ('automatic', 'manual')),
  fulfilment_owner text,
  fulfilment_hours integer CHECK (fulfilment_hours BETWEEN 1 AND 720),
  -- What is done about members that nobody granted (SPEC D1).
  drift_response text NOT NULL DEFAULT 'report' CHECK (drift_response IN ('report', 'quarantine', 'revert')),
  -- What sells keys or a generic API is connected only on an admin's attestation {reason, by, at} (SPEC K5).
  category text NOT NULL DEFAULT 'application' CHECK (category IN ('application', 'apiPlatform')),
  entitlement_attestation jsonb,
  seeded_version integer,
  row_version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (site_id, key),
  CHECK (fulfilment = 'automatic' OR (fulfilment_owner IS NOT NULL AND fulfilment_hours IS NOT NULL))
);
-- One way of having a tool (SPEC K3). Requests and grants name it by key and outlive it.
CREATE TABLE tool_role (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  tool_id text NOT NULL REFERENCES tool (id),
  key text NOT NULL,
  name text NOT NULL,
  summary text,
  risk text NOT NULL CHECK (risk IN ('low', 'medium', 'high', 'critical')),
  max_duration_days integer NOT NULL CHECK (max_duration_days BETWEEN 1 AND 180),
  requestable boolean NOT NULL DEFAULT true,
  row_version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (tool_id, key)
);
CREATE TABLE entitlement_group (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  tool_id text NOT NULL REFERENCES tool (id),
  -- Null: of the tool itself.
  role_id text UNIQUE REFERENCES tool_role (id),
  connector_id text NOT NULL REFERENCES connector (id),
  external_group_id text NOT NULL,
  name text NOT NULL,
  origin text NOT NULL CHECK (origin IN ('created', 'bound')),
  assignment_confirmed_at timestamptz,
  assignment_confirmed_by text,
  -- The applications that it opens: as last read, and as they were when the assignment was confirmed (SPEC F15). [{externalId, label}]
  apps jsonb,
  apps_read_at timestamptz,
  confirmed_apps jsonb,
  -- When the members present at the binding were recorded (SPEC K4); a group that we created has none.
  baseline_recorded_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX entitlement_group_of_tool ON entitlement_group (tool_id) WHERE role_id IS NULL;
CREATE INDEX entitlement_group_by_tool ON entitlement_group (tool_id);
CREATE INDEX entitlement_group_by_group ON entitlement_group (site_id, connector_id, external_group_id);
CREATE TABLE external_identity (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  provider text NOT NULL CHECK (provider IN ('okta', 'entra')),
  connector_id text NOT NULL REFERENCES connector (id),
  -- Keyed hash of the provider's id: finds two accounts on one identity without opening anything (SPEC F14).
  identity_hash text NOT NULL,
  sealed text NOT NULL,
  login_hint text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (site_id, connector_id, identity_hash)
);
CREATE INDEX external_identity_by_hash ON external_identity (site_id, identity_hash);
CREATE TABLE site_identity_mapping (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  account_id text NOT NULL,
  provider text NOT NULL CHECK (provider IN ('okta', 'entra')),
  -- Through which the login was resolved: a person may be somebody else in another org or tenant.
  connector_id text NOT NULL REFERENCES connector (id),
  external_identity_id text NOT NULL REFERENCES external_identity (id),
  row_version integer NOT NULL DEFAULT 1,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (site_id, account_id, connector_id)
);
CREATE INDEX site_identity_mapping_by_identity ON site_identity_mapping (site_id, external_identity_id);
CREATE TABLE baseline_access (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  entitlement_group_id text NOT NULL REFERENCES entitlement_group (id),
  kind text NOT NULL CHECK (kind IN ('group', 'member')),
  reference_hash text NOT NULL,
  label text NOT NULL,
  accepted_by text,
  accepted_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (site_id, entitlement_group_id, kind, reference_hash)
);
CREATE TABLE approval_policy (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site (id),
  name text NOT NULL,
  project_key text,
  -- Null: all tools.
  tool_keys text[],
  auto_approve boolean NOT NULL,
  jira_groups text[] NOT NULL DEFAULT '{}',
  max_duration_days integer CHECK (max_duration_days BETWEEN 1 AND 180),
  enabled boolean NOT NULL DEFAULT true,
  row_version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (site_id, name)
);
`;
