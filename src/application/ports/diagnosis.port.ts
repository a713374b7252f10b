import type { DiagnosisView } from '../../contracts/diagnosis.contract.js';
import type { RecordedFacts } from '../../domain/diagnosis/facts.js';
import type { Principal } from './api-commands.port.js';
import type { SiteTx } from './unit-of-work.port.js';

export interface DiagnosisStore<Tx extends SiteTx = SiteTx> { facts(tx: Tx, issueKey: string): Promise<RecordedFacts> }

/** @throws DatabaseUnavailable; a Jira that is away is said in the answer. */
export interface Diagnoses { diagnose(principal: Principal, issueKey: string): Promise<DiagnosisView> }
