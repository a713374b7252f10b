import { z } from 'zod';
import { id, roleKey, toolKey } from '../../contracts/primitives.js';

/** Prefix of the versioned API (API.md). */
export const API = '/api/v1';
export const idParams = z.strictObject({ id });
export const toolKeyParams = z.strictObject({ key: toolKey });
export const toolRoleParams = z.strictObject({ key: toolKey, roleKey });
