import type { CommandStore } from '../ports/command-store.port.js';
import type { ConnectorStore } from '../ports/connector-store.port.js';
import type { MappingStore } from '../ports/mapping-store.port.js';
import type { ToolRoleStore } from '../ports/tool-role-store.port.js';
import type { ToolStore } from '../ports/tool-store.port.js';

/** What both halves of a core call on the governance side write to. */
export interface CoreCallStores {
  readonly commands: CommandStore;
  readonly connectors: ConnectorStore;
  readonly tools: ToolStore;
  readonly roles: ToolRoleStore;
  readonly mappings: MappingStore;
  readonly newId: () => string;
}
