/** The expected tables were drawn by PrettyTable 0.7.2. */
import assert from 'node:assert/strict';
import { ageText, cellText, renderTable } from '../../../shared/base/table.ts';

describe('renderTable', () => {
  it('draws as PrettyTable does, with several lines and wide characters in a cell', () => {
    const rows = [
      ['a-1', 'a', 'qcow2,raw'],
      ['日本', 'b\nc\n', "{'k': 1}"],
      ['é', '', 'x\ty'],
    ];
    assert.equal(
      renderTable(['ID', 'Image', 'Formats'], rows),
      `+------+-------+-----------+
| ID   | Image | Formats   |
+------+-------+-----------+
| a-1  | a     | qcow2,raw |
| 日本 | b     | {'k': 1}  |
|      | c     |           |
|      |       |           |
| é    |       | x\ty       |
+------+-------+-----------+`,
    );
  });

  it('draws only the header of an empty table', () => {
    assert.equal(renderTable(['A'], []), '+---+\n| A |\n+---+\n+---+');
  });

  it('draws an empty line for each row of a table without columns', () => {
    assert.equal(renderTable([], []), '++\n||\n++\n++');
    assert.equal(renderTable([], [[], []]), '++\n||\n++\n\n\n++');
  });

  it('pads combining characters by what is seen', () => {
    assert.equal(
      renderTable(['AB'], [['e\u0301']]),
      '+----+\n| AB |\n+----+\n| e\u0301  |\n+----+',
    );
  });
});

describe('cellText', () => {
  it('joins lists, leaves null empty and writes objects in Python notation', () => {
    assert.equal(cellText(['a', 'b']), 'a,b');
    assert.equal(cellText(null), '');
    assert.equal(cellText(true), 'True');
    assert.equal(
      cellText({ k: null, l: [1, "it's", 'q"\'', true, 1.5, {}], 'é\n': '\u0001' }),
      `{'k': None, 'l': [1, "it's", 'q"\\'', True, 1.5, {}], 'é\\n': '\\x01'}`,
    );
  });
});

describe('ageText', () => {
  it('has two digits a part and unbounded days', () => {
    assert.equal(ageText(90_061.9), '01:01:01:01');
    assert.equal(ageText(200 * 86_400), '200:00:00:00');
    assert.equal(ageText(-5), '00:00:00:00');
  });
});
