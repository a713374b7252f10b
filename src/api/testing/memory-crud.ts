import type { CommandOutcome, DeleteOutcome } from '../../application/ports/api-commands.port.js';
import type { Rows } from '../../application/ports/api-queries.port.js';
import type { ProblemCode } from '../../contracts/refusal-status.js';

interface Versioned { readonly version: number; readonly createdAt: string; readonly updatedAt: string }
interface PageQuery { readonly limit: number; readonly after: { readonly sort: string } | null }

/** Objects of one kind in memory, with versions, by key; sites are kept apart. */
export class MemoryCrud<View extends Versioned> {
  private readonly rows = new Map<string, View>();
  constructor(private readonly notFound: ProblemCode, private readonly keyOf: (view: View) => string) {}

  create(siteId: string, view: View): CommandOutcome<View> {
    this.rows.set(`${siteId}/${this.keyOf(view)}`, view);
    return { ok: true, status: 201, body: view };
  }

  find(siteId: string, key: string): View | null {
    return this.rows.get(`${siteId}/${key}`) ?? null;
  }

  update(siteId: string, key: string, expectedVersion: number | null, patch: Partial<View>): CommandOutcome<View> {
    const known = this.find(siteId, key);
    if (known === null) return { ok: false, refusal: { code: this.notFound, detail: 'There is none' } };
    if (expectedVersion !== null && expectedVersion !== known.version) return { ok: false, refusal: { code: 'if_match.stale', detail: 'Somebody changed it' } };
    const next = { ...known, ...patch, version: known.version + 1 };
    this.rows.set(`${siteId}/${key}`, next);
    return { ok: true, status: 200, body: next };
  }

  delete(siteId: string, key: string, expectedVersion: number | null): DeleteOutcome {
    const done = this.update(siteId, key, expectedVersion, {});
    if (!done.ok) return done;
    this.rows.delete(`${siteId}/${key}`);
    return { ok: true, status: 204 };
  }

  list(siteId: string, query: PageQuery): Rows<View> {
    const all = [...this.rows].filter(([key]) => key.startsWith(`${siteId}/`)).map(([, view]) => view).sort((a, b) => (this.keyOf(a) < this.keyOf(b) ? -1 : 1));
    const rest = all.filter((view) => query.after === null || this.keyOf(view) > query.after.sort);
    const items = rest.slice(0, query.limit);
    const last = items.at(-1);
    return { items, next: rest.length > items.length && last !== undefined ? { sort: this.keyOf(last), id: '' } : null };
  }
}
