import { exportText, type ExportRow } from './reconciliation-export.js';

const row: ExportRow = {
  externalGroupId: '00g1', kind: 'unknownMember', effect: 'report', state: 'said', identityHash: 'ab', loginHint: '=cmd|x', accountId: null, toolKey: 'chatgpt', observed: 'present', readAt: null, findingId: 'fnd_1', detail: 'a "quoted", text',
};

describe('the export of a run', () => {
  it('writes one JSON text a line', () => {
    expect(exportText([row, row], 'jsonl').split('\n')).toEqual([JSON.stringify(row), JSON.stringify(row), '']);
  });
  it('quotes CSV and lets no cell be a formula', () => {
    const [head, line] = exportText([row], 'csv').split('\r\n');
    expect(head?.split(',')).toHaveLength(12);
    expect(line).toBe(`00g1,unknownMember,report,said,ab,'=cmd|x,,chatgpt,present,,fnd_1,"a ""quoted"", text"`);
  });
  it('is an empty table for a run without differences', () => {
    expect(exportText([], 'jsonl')).toBe('');
    expect(exportText([], 'csv').split('\r\n')).toHaveLength(2);
  });
});
