import type { ApiRefusal } from '../../contracts/refusal-status.js';
import type { AuditActor } from '../../domain/audit/entry.js';
import { refuse } from '../commands/outcome.js';
import type { CoreCallResult } from './core-call.js';

/** Who asked for a core call, for the events it leaves. */
export interface AskedBy { readonly actor: AuditActor; readonly accountId: string; readonly commandId: string }

/** A provider that could not be asked, as the admin who asked reads it. The kinds with an answer of their own are the caller's. */
export function refuseFailure(result: CoreCallResult): { readonly ok: false; readonly refusal: ApiRefusal } {
  if (result.kind === 'failed') return refuse('connector.unreachable', result.detail);
  throw new Error(`a core call ended with "${result.kind}", which does not answer what was asked`);
}
