import type { BlockSource } from '../../domain/policy/block.js';

/** Starts the run of a mass action, however often it is asked for; one that is there looks again. @throws EngineUnavailable */
export interface MassActionEngine {
  run(siteId: string, id: string, source: BlockSource): Promise<void>;
  /** Has a hint that somebody left looked at. */
  checkLeaver(siteId: string, hintId: string): Promise<void>;
}
export const massActionWorkflowId = (siteId: string, id: string, source: BlockSource): string => `${source === 'leaver' ? 'leaver' : 'kill-switch'}/${siteId}/${id}`;
