import type { DiagnosisView } from '../../contracts/diagnosis.contract.js';
import type { RecordedFacts } from '../../domain/diagnosis/facts.js';
import type { Principal } from './api-commands.port.js';
import type { SiteTx } from './unit-of-work.port.js';

/** The settings are read beside it: what is asked in Jira about them needs more of them than the rules look at. */
export interface DiagnosisStore<Tx extends SiteTx = SiteTx> { facts(tx: Tx, issueKey: string): Promise<Omit<RecordedFacts, 'intake' | 'recertification'>> }

/** @throws DatabaseUnavailable; a Jira that is away is said in the answer. */
export interface Diagnoses { diagnose(principal: Principal, issueKey: string): Promise<DiagnosisView> }
