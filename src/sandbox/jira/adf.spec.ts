import { adfText, isAdf } from './adf.js';

const doc = (...content: unknown[]): unknown => ({ type: 'doc', version: 1, content });
const text = (words: string, ...marks: string[]): unknown => ({ type: 'text', text: words, ...(marks.length > 0 ? { marks: marks.map((type) => ({ type })) } : {}) });

describe('Atlassian Document Format', () => {
  it.each([
    ['an empty document', doc()],
    ['a paragraph with marks', doc({ type: 'paragraph', content: [text('bold', 'strong'), { type: 'hardBreak' }, text('plain')] })],
    ['a list in a panel', doc({ type: 'panel', attrs: { panelType: 'info' }, content: [{ type: 'bulletList', content: [{ type: 'listItem', content: [{ type: 'paragraph', content: [text('one')] }] }] }] })],
  ])('takes %s', (_name, value) => {
    expect(isAdf(value)).toBe(true);
  });

  it.each([
    ['plain text', 'hello'],
    ['another version', { type: 'doc', version: 2, content: [] }],
    ['a document without content', { type: 'doc', version: 1 }],
    ['loose text', doc(text('loose'))],
    ['empty text', doc({ type: 'paragraph', content: [text('')] })],
    ['an unknown node', doc({ type: 'script', content: [] })],
    ['an unknown mark', doc({ type: 'paragraph', content: [text('x', 'blink')] })],
    ['a paragraph in a paragraph', doc({ type: 'paragraph', content: [{ type: 'paragraph', content: [] }] })],
    ['a list item with bare text', doc({ type: 'bulletList', content: [{ type: 'listItem', content: [text('bare')] }] })],
  ])('refuses %s', (_name, value) => {
    expect(isAdf(value)).toBe(false);
  });

  it('gives the words of a document for searches', () => {
    expect(adfText(doc({ type: 'paragraph', content: [text('two'), text('words')] }))).toBe('two words');
  });
});
