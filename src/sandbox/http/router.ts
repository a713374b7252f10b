import type { Route, VendorAnswer, VendorRequest } from './messages.js';

interface CompiledRoute {
  readonly route: Route;
  readonly pieces: readonly string[];
}

export type Lookup =
  | { readonly kind: 'found'; readonly route: Route; readonly params: Record<string, string> }
  | { readonly kind: 'wrongMethod' | 'unknown' };

function decode(piece: string): string {
  try {
    return decodeURIComponent(piece);
  } catch (error) {
    // A stray percent sign is the caller's text, not our failure.
    if (error instanceof URIError) return piece;
    throw error;
  }
}

/** Routes are tried in the order given, so a fixed path must stand before a pattern that would swallow it. */
export class Router {
  private readonly bySize = new Map<number, CompiledRoute[]>();

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      const pieces = route.pattern.split('/').slice(1);
      const same = this.bySize.get(pieces.length) ?? [];
      same.push({ route, pieces });
      this.bySize.set(pieces.length, same);
    }
  }

  find(method: string, path: string): Lookup {
    const given = path.split('/').slice(1).map(decode);
    let pathKnown = false;
    for (const { route, pieces } of this.bySize.get(given.length) ?? []) {
      const params = match(pieces, given);
      if (params === undefined) continue;
      if (route.method === method) return { kind: 'found', route, params };
      pathKnown = true;
    }
    return { kind: pathKnown ? 'wrongMethod' : 'unknown' };
  }

  async answer(request: VendorRequest, otherwise: (kind: 'wrongMethod' | 'unknown') => VendorAnswer): Promise<VendorAnswer> {
    const lookup = this.find(request.method, request.path);
    if (lookup.kind !== 'found') return otherwise(lookup.kind);
    return lookup.route.handle({ ...request, params: lookup.params });
  }
}

function match(pieces: readonly string[], given: readonly string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, piece] of pieces.entries()) {
    const value = given[index] ?? '';
    if (piece.startsWith('{')) {
      if (value === '') return undefined;
      params[piece.slice(1, -1)] = value;
    } else if (piece !== value) return undefined;
  }
  return params;
}
