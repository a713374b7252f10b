import { aConnector, aFinding, aGrant, aJob, aKillSwitch, aKillSwitchItem, aManualAction, anImport, aReconciliation, aRequest, aVerification } from '../api/testing/builders.js';
import type { z } from 'zod';
import type { AuditVerification } from '../contracts/audit.contract.js';
import type { ConnectorTest, ConnectorView } from '../contracts/connector.contract.js';
import type { GrantView } from '../contracts/grant.contract.js';
import type { ReadyAnswer } from '../contracts/health.contract.js';
import type { JobView, ManualActionAnswer, ManualActionView } from '../contracts/job.contract.js';
import type { meView } from '../contracts/me.contract.js';
import type { KillSwitchItemView, KillSwitchView } from '../contracts/kill-switch.contract.js';
import type { MappingImportListItem, MappingImportRowView, MappingImportView } from '../contracts/identity-mapping.contract.js';
import type { FindingView, ReconciliationView } from '../contracts/reconciliation.contract.js';
import type { ProjectView, SettingsView } from '../contracts/project.contract.js';
import type { BulkDecisionAnswer, RequestView, TimelineEntry } from '../contracts/request.contract.js';
import type { SandboxInfo } from '../contracts/sandbox.contract.js';
import type { ToolView } from '../contracts/tool.contract.js';
import * as shown from './answers.js';

/** Does not compile once the contract stops giving what is shown. */
type Shows<S extends z.ZodType, View extends z.infer<S>> = View;
export type ContractsStillFit = [
  Shows<typeof shown.shownRequest, RequestView>, Shows<typeof shown.shownGrant, GrantView>, Shows<typeof shown.shownJobRow, JobView>, Shows<typeof shown.shownManualAction, ManualActionView>,
  Shows<typeof shown.shownCompletion, ManualActionAnswer>, Shows<typeof shown.shownBulk, BulkDecisionAnswer>, Shows<typeof shown.shownTimelineEntry, TimelineEntry>, Shows<typeof shown.shownTool, ToolView>,
  Shows<typeof shown.shownKillSwitch, KillSwitchView>, Shows<typeof shown.shownKillSwitchItem, KillSwitchItemView>, Shows<typeof shown.shownReconciliation, ReconciliationView>, Shows<typeof shown.shownFinding, FindingView>, Shows<typeof shown.shownCompared, ToolView>,
  Shows<typeof shown.shownImportItem, MappingImportView | MappingImportListItem>, Shows<typeof shown.shownImportRow, MappingImportRowView>,
  Shows<typeof shown.shownMe, z.infer<typeof meView>>, Shows<typeof shown.shownVerification, AuditVerification>, Shows<typeof shown.shownConnector, ConnectorView>,
  Shows<typeof shown.shownConnectorTest, ConnectorTest>, Shows<typeof shown.shownProject, ProjectView>, Shows<typeof shown.shownIntake, SettingsView<'intake'>>,
  Shows<typeof shown.shownRouting, SettingsView<'routing'>>, Shows<typeof shown.shownSandbox, SandboxInfo>, Shows<typeof shown.shownReady, ReadyAnswer>,
];

describe('answers that the command line shows', () => {
  it.each([
    ['request', shown.shownRequest, aRequest()],
    ['grant', shown.shownGrant, aGrant()],
    ['job', shown.shownJobRow, aJob()],
    ['manual action', shown.shownManualAction, aManualAction()],
    ['connector', shown.shownConnector, aConnector()],
    ['kill switch', shown.shownKillSwitch, aKillSwitch()],
    ['kill switch item', shown.shownKillSwitchItem, aKillSwitchItem()],
    ['reconciliation', shown.shownReconciliation, aReconciliation()],
    ['finding', shown.shownFinding, aFinding()],
    ['import', shown.shownImportItem, anImport()],
    ['verification', shown.shownVerification, aVerification()],
  ])('a %s passes through whole, with fields that a newer server adds', (_name, schema, view) => {
    const newer = { ...view, addedLater: { deep: true } };
    expect(schema.parse(newer)).toEqual(newer);
  });

  it('refuses an answer that lacks what is shown', () => {
    expect(shown.shownRequest.safeParse({ ...aRequest(), decision: undefined }).success).toBe(false);
  });
});
