import { z } from 'zod';
import type { ReadLag } from '../state/lagged-table.js';
import type { CallLog } from './call-log.js';
import { faultSchema } from './faults.js';
import type { FaultPlan } from './faults.js';
import { parseJson } from './messages.js';
import type { Route, VendorAnswer, VendorRequest } from './messages.js';
import { Router } from './router.js';

const lagSchema = z.strictObject({ ms: z.int().min(0).max(3_600_000) });
const faultsSchema = z.union([faultSchema, z.array(faultSchema).min(1)]);

interface ControlParts {
  readonly faults: FaultPlan;
  readonly lag: ReadLag;
  readonly calls: CallLog;
  readonly extra: readonly Route[];
}

/** Parses a control body; a wrong one is the test author's mistake and is told so. */
export function control<T>(schema: z.ZodType<T>, act: (input: T, request: VendorRequest) => VendorAnswer | Promise<VendorAnswer>): Route['handle'] {
  return (request) => {
    const parsed = schema.safeParse(parseJson(request.body === '' ? '{}' : request.body));
    if (!parsed.success) return { status: 400, body: { error: z.prettifyError(parsed.error) } };
    return act(parsed.data, request);
  };
}

export function controlOk(body?: unknown): VendorAnswer {
  return body === undefined ? { status: 204 } : { status: 200, body };
}

/** What tests steer a vendor with, below `_control/`. None of it is logged, delayed or broken by faults. */
export class ControlSurface {
  private readonly router: Router;

  constructor(private readonly parts: ControlParts) {
    this.router = new Router([...this.common(), ...parts.extra]);
  }

  async answer(request: VendorRequest): Promise<VendorAnswer> {
    // A page in somebody's browser must not steer the sandbox; programs send no Origin.
    if (request.headers.origin !== undefined) return { status: 403, body: { error: 'not from a browser page' } };
    return this.router.answer(request, (kind) => ({ status: kind === 'unknown' ? 404 : 405, body: { error: 'no such control' } }));
  }

  private common(): Route[] {
    const { faults, lag, calls } = this.parts;
    return [
      {
        method: 'POST',
        pattern: '/_control/faults',
        handle: control(faultsSchema, (input) => {
          try {
            for (const fault of Array.isArray(input) ? input : [input]) faults.add(fault);
          } catch (error) {
            if (error instanceof SyntaxError) return { status: 400, body: { error: error.message } };
            throw error;
          }
          return { status: 201, body: { faults: faults.list() } };
        }),
      },
      { method: 'GET', pattern: '/_control/faults', handle: () => controlOk({ faults: faults.list() }) },
      {
        method: 'DELETE',
        pattern: '/_control/faults',
        handle: () => {
          faults.clear();
          return controlOk();
        },
      },
      {
        method: 'PUT',
        pattern: '/_control/read-lag',
        handle: control(lagSchema, ({ ms }) => {
          lag.change(ms);
          return controlOk({ ms });
        }),
      },
      { method: 'GET', pattern: '/_control/read-lag', handle: () => controlOk({ ms: lag.ms }) },
      {
        method: 'GET',
        pattern: '/_control/calls',
        handle: (request) => {
          const since = sinceOf(request.query.get('since'));
          return since === 'invalid' ? { status: 400, body: { error: 'since: an ISO 8601 time or milliseconds' } } : controlOk(calls.since(since));
        },
      },
    ];
  }
}

function sinceOf(text: string | null): Date | undefined | 'invalid' {
  if (text === null || text === '') return undefined;
  const date = new Date(/^\d+$/.test(text) ? Number(text) : text);
  return Number.isNaN(date.getTime()) ? 'invalid' : date;
}
