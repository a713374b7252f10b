import type { SettingsOf } from '../../contracts/project.contract.js';
import { readSetting } from '../../contracts/setting-documents.js';
import { readSnapshot } from '../../contracts/snapshot.contract.js';
import type { RecordedFacts, TicketFacts } from '../../domain/diagnosis/facts.js';
import { diagnose } from '../../domain/diagnosis/symptoms.js';
import { refuseSettings } from '../admin/settings-checks.js';
import { JiraUnavailable } from '../ports/api-commands.port.js';
import type { Diagnoses, DiagnosisStore } from '../ports/diagnosis.port.js';
import type { SettingStore } from '../ports/governance-store.port.js';
import { JiraFailure, type JiraPort } from '../ports/jira.port.js';
import type { JiraSites } from '../ports/jira-sites.port.js';
import type { SiteTx, UnitOfWork } from '../ports/unit-of-work.port.js';

export interface DiagnosisDeps {
  readonly uow: UnitOfWork<SiteTx>;
  readonly store: DiagnosisStore;
  readonly settings: SettingStore;
  readonly jiraSites: JiraSites;
  readonly isCoreReachable: () => Promise<boolean>;
  readonly acceptUnreportedLicence: boolean;
}
/** An admin waits for it: a Jira that takes longer counts as away. Milliseconds. */
const JIRA_BUDGET_MS = 8_000;
/** What a decision does to a ticket (SPEC A5). */
const PERMISSIONS = ['TRANSITION_ISSUES', 'ADD_COMMENTS'];

interface Settings { readonly intake: SettingsOf<'intake'>; readonly recertification: SettingsOf<'recertification'> }
interface Gathered { readonly record: RecordedFacts; readonly settings: Settings }

/** Gathers what the record and Jira say about one issue, and has the rules look at it (SPEC O1). Reads only. */
export const createDiagnoses = (deps: DiagnosisDeps): Diagnoses => ({
  async diagnose({ siteId }, issueKey) {
    const { record, settings } = await deps.uow.run(siteId, async (tx): Promise<Gathered> => {
      const settings = { intake: readSetting('intake', await deps.settings.find(tx, 'intake')), recertification: readSetting('recertification', await deps.settings.find(tx, 'recertification')) };
      return { record: { ...await deps.store.facts(tx, issueKey), ...settings }, settings };
    });
    const [ticket, coreReachable] = await Promise.all([askJira(deps, siteId, issueKey, record, settings), deps.isCoreReachable()]);
    const symptoms = diagnose({ record, ticket, coreReachable, acceptUnreportedLicence: deps.acceptUnreportedLicence });
    return { issueKey, at: record.now, requestId: record.request?.id ?? null, symptoms: symptoms.map(({ looks, ...rest }) => ({ ...rest, looks: [...looks] })) };
  },
});

async function askJira(deps: DiagnosisDeps, siteId: string, issueKey: string, record: RecordedFacts, settings: Settings): Promise<TicketFacts | string> {
  const site = await deps.jiraSites.find(siteId);
  if (site === null) return 'This site has no connection to Jira';
  const signal = AbortSignal.timeout(JIRA_BUDGET_MS);
  try {
    const { intake, recertification } = settings;
    const projectKey = record.request?.projectKey ?? intake.projectKey;
    return {
      issue: await readIssue(site.jira, site.propertyKey, issueKey, signal),
      intakeProblems: intake.enabled ? await problemsOf(site.jira, intake) : [],
      missingPermissions: projectKey === null ? [] : await site.jira.missingPermissions(projectKey, PERMISSIONS, signal),
      requesterGroups: record.request === null ? null : await groupsOf(site.jira, record.request.requester, signal),
      recertificationProblems: recertification.issueTypeId === null ? null : await problemsOf(site.jira, recertification),
    };
  } catch (error) {
    if (error instanceof JiraFailure) return `Jira does not answer: ${error.detail}`;
    if (error instanceof JiraUnavailable || signal.aborted) return 'Jira does not answer now';
    throw error;
  }
}

async function readIssue(jira: JiraPort, propertyKey: string, issueKey: string, signal: AbortSignal): Promise<TicketFacts['issue']> {
  const issue = await jira.findIssue(issueKey, signal);
  if (issue === null) return null;
  const property = await jira.findProperty(issue.id, propertyKey, signal);
  const reading = readSnapshot(property);
  return { projectKey: issue.projectKey, requestTypeId: await jira.findRequestTypeId(issue.id, signal), snapshot: reading.ok ? 'valid' : reading.reason === 'snapshot.missing' ? 'missing' : reading.reason };
}

/** The same checks as when the settings are saved: Jira may have changed since (SPEC I8). */
async function problemsOf(jira: JiraPort, value: SettingsOf<'intake'> | SettingsOf<'recertification'>): Promise<readonly string[]> {
  const refused = await refuseSettings(jira, value, []);
  return (refused?.refusal.errors ?? []).map(({ message }) => message);
}

/** Null where Jira does not know the person, or hides them: the other answers stand. */
async function groupsOf(jira: JiraPort, accountId: string, signal: AbortSignal): Promise<readonly string[] | null> {
  try {
    return await jira.listGroupNames(accountId, signal);
  } catch (error) {
    if (error instanceof JiraFailure) return null;
    throw error;
  }
}
