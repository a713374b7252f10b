/** What stops access at once, before and beside every other rule (SPEC G6, G8): an open kill switch, or a person who has left. */
export const BLOCK_SCOPES = ['tool', 'connector', 'person'] as const;
export type BlockScope = (typeof BLOCK_SCOPES)[number];
export const BLOCK_SOURCES = ['killSwitch', 'leaver'] as const;
export type BlockSource = (typeof BLOCK_SOURCES)[number];

/** In force from its commit until it is ended. `reason` is an admin's one line; it is shown to the requester. */
export interface AccessBlock {
  readonly scope: BlockScope;
  /** A tool's key, a connector's id or an account id. */
  readonly key: string;
  readonly source: BlockSource;
  readonly reason: string;
}

export const BLOCK_RULES = { killSwitch: 'access.kill_switch', leaver: 'access.leaver' } as const satisfies Record<BlockSource, string>;

/** Who has stopped the access, from the rules that fired; null where no block did. A person who left stays so, whatever else is stopped. */
export function blockedBy(rules: readonly { readonly rule: string }[]): BlockSource | null {
  if (rules.some(({ rule }) => rule === BLOCK_RULES.leaver)) return 'leaver';
  return rules.some(({ rule }) => rule === BLOCK_RULES.killSwitch) ? 'killSwitch' : null;
}
