import { pino, type Logger } from 'pino';

/** What a worker logs: ids, codes and counts by name; no body, no header, no configuration (SPEC O4). */
export const createLog = (name: string, level: string): Logger => pino({ name, level, base: { name } });
