import { z } from 'zod';
import type { WireAnswer, WireRequest } from './vendor-contract.js';

/** Requests like the given one, each wrong in one way that every contract must notice. */
export function badRequestsLike(request: WireRequest): readonly (readonly [string, WireRequest])[] {
  const { authorization, ...anonymous } = request.headers;
  const json = request.headers['content-type']?.startsWith('application/json') === true;
  return [
    ['an unknown query parameter', { ...request, url: `${request.url}${request.url.includes('?') ? '&' : '?'}nonsense=1` }],
    ['an unknown path', { ...request, url: `/nonsense${request.url}` }],
    ['another method', { ...request, method: 'TRACE' }],
    ...(authorization === undefined ? [] : [['no credential', { ...request, headers: anonymous }] as const]),
    ...(request.body === '' ? [['a body', { ...request, body: '{}' }] as const] : [
      ['a list for a body', { ...request, body: json ? '[1]' : '1=1' }] as const,
      ['another content type', { ...request, headers: { ...request.headers, 'content-type': 'text/plain' } }] as const,
    ]),
  ];
}

/** Answers like the given one; of each kind at least one must be noticed. Leaves are many, and a vendor leaves some of them untyped. */
export function badAnswersTo(answer: WireAnswer): readonly (readonly [string, readonly WireAnswer[]])[] {
  const headers = { ...answer.headers, 'content-type': 'application/json' };
  if (answer.body === '') return [['a body', [{ ...answer, headers, body: '{}' }]], ['another status', [{ ...answer, status: 299 }]]];
  const value: unknown = JSON.parse(answer.body);
  return [
    ['another status', [{ ...answer, status: 299 }]],
    ['an HTML page', [{ ...answer, headers: { ...answer.headers, 'content-type': 'text/html' }, body: '<html>' }]],
    ['no body', [{ ...answer, body: '' }]],
    ['half a body', [{ ...answer, body: answer.body.slice(0, -1) }]],
    ['a number for a body', [{ ...answer, body: '7' }]],
    ['a wrong type inside', wrongInside(value).map((wrong) => ({ ...answer, body: JSON.stringify(wrong) }))],
  ];
}

/** The value with one leaf at a time replaced by something of another type. */
function wrongInside(value: unknown): unknown[] {
  const list = z.array(z.unknown()).safeParse(value);
  if (list.success) return list.data.flatMap((item, index) => wrongInside(item).map((wrong) => list.data.with(index, wrong)));
  const object = z.record(z.string(), z.unknown()).safeParse(value);
  if (object.success) return Object.entries(object.data).flatMap(([key, item]) => wrongInside(item).map((wrong) => ({ ...object.data, [key]: wrong })));
  return [typeof value === 'string' ? 7 : 'a text', { nonsense: true }];
}
