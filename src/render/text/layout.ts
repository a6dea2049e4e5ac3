/** How text stands out. Plain text by default; the command line passes colours on a terminal. */
export interface Paint {
  /** Allowed. */
  readonly good: (text: string) => string;
  /** Denied. */
  readonly bad: (text: string) => string;
  /** Not known, or only partly. */
  readonly unsure: (text: string) => string;
  readonly strong: (text: string) => string;
  /** Less important than what surrounds it. */
  readonly faint: (text: string) => string;
}

/** What the text for people depends on besides the answer. */
export interface Look {
  readonly paint: Paint;
  /** Columns in which sentences are wrapped; tables may be wider. */
  readonly width: number;
  /** Default: aligned columns. */
  readonly table?: (headings: readonly string[], rows: readonly (readonly Cell[])[]) => string[];
}

const asIs = (text: string): string => text;

/** No colour, for files and pipes. */
export const PLAIN: Paint = { good: asIs, bad: asIs, unsure: asIs, strong: asIs, faint: asIs };

/**
 * `text` with everything a terminal would obey made visible: control characters (line ends too) and
 * the marks that reorder text.
 */
export function visible(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (char) => `\\u{${char.charCodeAt(0).toString(16)}}`,
  );
}

/** `text` in lines of at most `width` columns after `indent`; a longer word keeps its own line. */
export function wrap(text: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').filter((one) => one !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line === '' || indent.length + widthOf(longer) <= width) {
      line = longer;
    } else {
      lines.push(indent + line);
      line = word;
    }
  }
  return line === '' ? lines : [...lines, indent + line];
}

/** One cell of a table; colour is not counted in its width. */
export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

/** A table in the form of `look`; a column whose cells are all empty is left out. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
  look: Look,
): string[] {
  return (look.table ?? alignedTable)(headings, rows);
}

/** Columns two spaces apart. */
function alignedTable(headings: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  const used = headings.flatMap((heading, column) => {
    const width = Math.max(0, ...rows.map((row) => widthOf(row[column]?.text ?? '')));
    return width === 0 ? [] : [{ column, width: Math.max(width, widthOf(heading)) }];
  });
  const print = (cells: readonly Cell[]): string =>
    used
      .map(({ column, width }, position) => {
        const { text, paint = asIs } = cells[column] ?? { text: '' };
        // The last column is not filled up: no line ends in spaces.
        const fill = position === used.length - 1 ? 0 : width - widthOf(text);
        return paint(text) + ' '.repeat(fill);
      })
      .join('  ')
      .trimEnd();
  return [headings.map((text) => ({ text })), ...rows].map(print);
}

/** Columns that `text` takes, to a good approximation; colours, which only we write, take none. */
function widthOf(text: string): number {
  return Array.from(text.replace(/\u001b\[[0-9;]*m/g, '')).length;
}
