import { z } from 'zod';

/** Jira's bound on a text field, in characters of the stored document. */
export const longestText = 32_767;

const blocks = new Set([
  'blockquote', 'bulletList', 'codeBlock', 'decisionItem', 'decisionList', 'expand', 'heading', 'listItem', 'mediaGroup', 'mediaSingle', 'nestedExpand',
  'orderedList', 'panel', 'paragraph', 'rule', 'table', 'tableCell', 'tableHeader', 'tableRow', 'taskItem', 'taskList', 'blockCard', 'media',
]);
const inlines = new Set(['date', 'emoji', 'hardBreak', 'inlineCard', 'mention', 'status', 'text']);
const marks = new Set(['backgroundColor', 'code', 'em', 'link', 'strike', 'strong', 'subsup', 'textColor', 'underline']);
/** Where inline content stands; everywhere else only blocks may. */
const inlineParents = new Set(['paragraph', 'heading', 'codeBlock', 'taskItem', 'decisionItem']);

const nodeSchema = z.object({
  type: z.string(),
  text: z.string().optional(),
  content: z.array(z.unknown()).optional(),
  attrs: z.record(z.string(), z.unknown()).optional(),
  marks: z.array(z.object({ type: z.string() })).optional(),
});
const docSchema = z.strictObject({ type: z.literal('doc'), version: z.literal(1), content: z.array(z.unknown()) });

/**
 * Whether a value is an Atlassian Document Format document: version 1, known nodes in places that may hold them, no
 * empty text. A subset of the published JSON schema (attributes are not checked).
 */
export function isAdf(value: unknown): boolean {
  const doc = docSchema.safeParse(value);
  return doc.success && doc.data.content.every((node) => isNode(node, blocks));
}

/** The plain text of a document, for searches. */
export function adfText(value: unknown): string {
  const node = nodeSchema.safeParse(value);
  if (!node.success) return '';
  return [node.data.text ?? '', ...(node.data.content ?? []).map(adfText)].filter((text) => text !== '').join(' ');
}

function isNode(value: unknown, allowed: ReadonlySet<string>): boolean {
  const parsed = nodeSchema.safeParse(value);
  if (!parsed.success) return false;
  const { type, text, content, marks: given } = parsed.data;
  if (!allowed.has(type)) return false;
  if (type === 'text' ? text === undefined || text === '' || content !== undefined : text !== undefined) return false;
  if (given?.some((mark) => !marks.has(mark.type)) === true) return false;
  return (content ?? []).every((child) => isNode(child, inlineParents.has(type) ? inlines : blocks));
}
