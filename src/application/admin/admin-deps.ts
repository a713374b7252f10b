import type { DeploymentDefaults } from '../../contracts/setting-documents.js';
import type { CoreCallStores } from '../core/core-call-stores.js';
import type { CoreCalls } from '../ports/core-calls.port.js';
import type { PolicyStore, ProjectStore, SettingStore, SiteStore } from '../ports/governance-store.port.js';
import type { AuditVerifier, VerificationStore } from '../ports/audit-verifier.port.js';
import type { JiraSites } from '../ports/jira-sites.port.js';
import type { Sealer } from '../ports/sealing.port.js';
import type { SiteTx, UnitOfWork } from '../ports/unit-of-work.port.js';

/** What the admin use cases need of the outside. The API holds nothing that opens a sealed credential. */
export interface AdminDeps extends CoreCallStores {
  readonly uow: UnitOfWork<SiteTx>;
  readonly policies: PolicyStore;
  readonly projects: ProjectStore;
  readonly settings: SettingStore;
  readonly sites: SiteStore;
  readonly verifications: VerificationStore;
  readonly verifier: AuditVerifier;
  readonly sealer: Sealer;
  readonly coreCalls: CoreCalls;
  /** Whether anybody does Core's work now: a core worker that polls, or a Core that answers over HTTP (SPEC F3). */
  readonly isCoreReachable: () => Promise<boolean>;
  readonly jiraSites: JiraSites;
  /** Connectors may also name http servers on loopback. */
  readonly sandbox: boolean;
  /** A licence that the marketplace does not report passes: in the sandbox, or by the operator's setting (SPEC F3). */
  readonly acceptUnreportedLicence: boolean;
  readonly settingDefaults: DeploymentDefaults;
}
