import type { Renderer } from './answer-kind.ts';
import { renderText } from './text.ts';
import { PLAIN } from './text/layout.ts';
import type { Cell, Look } from './text/layout.ts';

/** Begins each line of a table, so that it is told apart from what must be escaped. */
const TABLE_MARK = '\u0000';

/**
 * GitHub-flavoured Markdown: the same words as the text for people, as a heading, lists and tables.
 * Nothing in a name or a message is markup.
 */
export const markdown: Renderer = {
  mediaType: 'text/markdown; charset=utf-8; variant=GFM',
  render: (kind, answer) => {
    const lines = renderText(kind, answer, LOOK).trimEnd().split('\n');
    return `${lines.map(markdownLine).join('\n')}\n`;
  },
};

/** Long lines: Markdown wraps them itself, and a line that was broken would be two. */
const LOOK: Look = { paint: PLAIN, width: Number.MAX_SAFE_INTEGER, table: markdownTable };

function markdownTable(headings: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  const used = headings.flatMap((_, column) =>
    rows.some((row) => (row[column]?.text ?? '') !== '') ? [column] : [],
  );
  const line = (cells: readonly string[]): string => `${TABLE_MARK}| ${cells.join(' | ')} |`;
  return [
    line(used.map((column) => headings[column] ?? '')),
    line(used.map(() => '---')),
    ...rows.map((row) => line(used.map((column) => escape(row[column]?.text ?? '')))),
    // A table ends at an empty line only.
    '',
  ];
}

/** The first line is a heading; indented ones are items of lists, two levels deep at the most. */
function markdownLine(line: string, position: number): string {
  if (line.startsWith(TABLE_MARK)) return line.slice(TABLE_MARK.length);
  const text = escape(line.trim());
  if (text === '') return '';
  const indent = line.length - line.trimStart().length;
  if (position === 0) return `### ${text}`;
  if (indent === 0) return `${text}  `;
  return indent < 8 ? `- ${text}` : `  - ${text}`;
}

/** Escapes what is markup anywhere, and what makes an item of a list at the start. */
function escape(text: string): string {
  return text
    .replace(/[\\`*_{}[\]<>#|~!&$]/g, (char) => `\\${char}`)
    .replace(/^[-+](?=\s)/, (char) => `\\${char}`)
    .replace(/^(\d+)([.)])(?=\s)/, '$1\\$2');
}
