import type { AuditCommands, CatalogCommands, ConnectorCommands, GovernanceCommands, MappingCommands } from '../ports/api-commands.port.js';
import type { AdminDeps } from './admin-deps.js';
import { confirmAssignment } from './confirm-assignment.js';
import { createApprovalPolicy } from './create-approval-policy.js';
import { createConnector } from './create-connector.js';
import { createMapping } from './create-mapping.js';
import { createProject } from './create-project.js';
import { createTool } from './create-tool.js';
import { createToolRole } from './create-tool-role.js';
import { deleteApprovalPolicy } from './delete-approval-policy.js';
import { deleteConnector } from './delete-connector.js';
import { deleteMapping } from './delete-mapping.js';
import { deleteProject } from './delete-project.js';
import { deleteTool } from './delete-tool.js';
import { deleteToolRole } from './delete-tool-role.js';
import { disableConnector } from './disable-connector.js';
import { enableConnector } from './enable-connector.js';
import { putDefaults } from './put-defaults.js';
import { putGuardrails } from './put-guardrails.js';
import { putSettings } from './put-settings.js';
import { readGroupApps } from './read-group-apps.js';
import { seedStarterCatalog } from './seed-starter-catalog.js';
import { setEntitlementGroup } from './set-entitlement-group.js';
import { runConnectorConformance } from './run-connector-conformance.js';
import { testConnector } from './test-connector.js';
import { updateApprovalPolicy } from './update-approval-policy.js';
import { updateConnector } from './update-connector.js';
import { updateMapping } from './update-mapping.js';
import { updateProject } from './update-project.js';
import { updateTool } from './update-tool.js';
import { updateToolRole } from './update-tool-role.js';
import { verifyAudit } from './verify-audit.js';

/** The admin's half of the API's commands, over one set of dependencies. */
export interface AdminCommands {
  readonly catalog: CatalogCommands;
  readonly connectors: ConnectorCommands;
  readonly mappings: MappingCommands;
  readonly governance: GovernanceCommands;
  readonly audit: AuditCommands;
}

export function createAdminCommands(deps: AdminDeps): AdminCommands {
  return {
    catalog: {
      createTool: (context, input) => createTool(deps, context, input),
      updateTool: (context, input) => updateTool(deps, context, input),
      deleteTool: (context, input) => deleteTool(deps, context, input),
      createToolRole: (context, input) => createToolRole(deps, context, input),
      updateToolRole: (context, input) => updateToolRole(deps, context, input),
      deleteToolRole: (context, input) => deleteToolRole(deps, context, input),
      seedStarterCatalog: (context) => seedStarterCatalog(deps, context),
      setEntitlementGroup: (context, input) => setEntitlementGroup(deps, context, input),
      readGroupApps: (context, input) => readGroupApps(deps, context, input),
      confirmAssignment: (context, input) => confirmAssignment(deps, context, input),
    },
    connectors: {
      create: (context, input) => createConnector(deps, context, input),
      update: (context, input) => updateConnector(deps, context, input),
      delete: (context, input) => deleteConnector(deps, context, input),
      test: (context, input) => testConnector(deps, context, input),
      conformance: (context, input) => runConnectorConformance(deps, context, input),
      enable: (context, input) => enableConnector(deps, context, input),
      disable: (context, input) => disableConnector(deps, context, input),
    },
    mappings: {
      create: (context, input) => createMapping(deps, context, input),
      update: (context, input) => updateMapping(deps, context, input),
      delete: (context, input) => deleteMapping(deps, context, input),
    },
    governance: {
      createApprovalPolicy: (context, input) => createApprovalPolicy(deps, context, input),
      updateApprovalPolicy: (context, input) => updateApprovalPolicy(deps, context, input),
      deleteApprovalPolicy: (context, input) => deleteApprovalPolicy(deps, context, input),
      putGuardrails: (context, input) => putGuardrails(deps, context, input),
      putDefaults: (context, input) => putDefaults(deps, context, input),
      createProject: (context, input) => createProject(deps, context, input),
      updateProject: (context, input) => updateProject(deps, context, input),
      deleteProject: (context, input) => deleteProject(deps, context, input),
      putSettings: (context, input) => putSettings(deps, context, input),
    },
    audit: { verify: (context) => verifyAudit(deps, context) },
  };
}
