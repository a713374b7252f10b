import type { AuditAction } from '../../domain/audit/actions.js';
import type { AuditSubject } from '../../domain/audit/entry.js';
import type { MassActionTarget } from '../../domain/mass-action/mass-action.js';

interface Names { readonly started: AuditAction; readonly finished: AuditAction; readonly restoreStarted: AuditAction; readonly restoreFinished: AuditAction }
const NAMES: Readonly<Record<MassActionTarget['source'], Names>> = {
  killSwitch: { started: 'kill_switch.started', finished: 'kill_switch.finished', restoreStarted: 'kill_switch.restore_started', restoreFinished: 'kill_switch.restore_finished' },
  leaver: { started: 'leaver.started', finished: 'leaver.finished', restoreStarted: 'leaver.restore_started', restoreFinished: 'leaver.restore_finished' },
};
export const auditNames = (source: MassActionTarget['source']): Names => NAMES[source];

const KEY_OF = { tool: 'toolKey', connector: 'connectorId', person: 'accountId' } as const;
/** What the events of a mass action are about: itself, and the tool, connector or person. */
export const massSubject = ({ id, scope, key }: Pick<MassActionTarget, 'scope' | 'key'> & { readonly id: string }): AuditSubject => ({ massActionId: id, [KEY_OF[scope]]: key });
