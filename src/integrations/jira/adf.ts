import type { AdfDoc } from '../../application/ports/jira.port.js';

interface AdfText { readonly type: 'text'; readonly text: string; readonly marks?: readonly { readonly type: 'link'; readonly attrs: { readonly href: string } }[] }
type AdfInline = AdfText | { readonly type: 'hardBreak' };

/** A link inside a line of {@link paragraphs}. */
export interface AdfLink { readonly text: string; readonly href: string }
export type AdfLine = string | readonly (string | AdfLink)[];

/** Only web links become links: a `javascript:` href typed by somebody must not reach a ticket. */
export function link(text: string, href: string): AdfLink {
  return { text, href };
}

/**
 * Plain text as an Atlassian document, one paragraph a line; an empty line is an empty paragraph. A line is a string, or
 * strings and {@link link}s in order. Text is never parsed, so nothing that a person typed becomes formatting.
 */
export function paragraphs(...lines: readonly AdfLine[]): AdfDoc {
  return { type: 'doc', version: 1, content: lines.map((line) => ({ type: 'paragraph', content: inlineOf(line) })) };
}

function inlineOf(line: AdfLine): AdfInline[] {
  const parts = typeof line === 'string' ? [line] : line;
  return parts.flatMap((part) => (typeof part === 'string' ? plain(part) : linked(part)));
}

/** Text nodes must not be empty, and a line break is a node of its own. */
function plain(text: string): AdfInline[] {
  return text.split(/\r?\n/).flatMap((piece, index) => [
    ...(index === 0 ? [] : [{ type: 'hardBreak' } as const]),
    ...(piece === '' ? [] : [{ type: 'text', text: piece } as const]),
  ]);
}

function linked({ text, href }: AdfLink): AdfInline[] {
  const safe = URL.canParse(href) && ['https:', 'http:'].includes(new URL(href).protocol);
  if (!safe || text === '') return plain(text);
  return [{ type: 'text', text: text.replace(/\s+/g, ' '), marks: [{ type: 'link', attrs: { href } }] }];
}
