/** How a kind of setting is written. */
export interface SettingKind<Value> {
  /** What a value is and its unit, for help and errors: `number of bytes, such as 512MiB`. */
  readonly unit: string;
  /** Undefined when the text is none. */
  readonly parse: (text: string) => Value | undefined;
  readonly print: (value: Value) => string;
}

const BYTE_UNITS = [
  ['GiB', 1024 ** 3],
  ['MiB', 1024 ** 2],
  ['KiB', 1024],
  ['B', 1],
] as const;

const TIME_UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** Any text. */
export const TEXT: SettingKind<string> = {
  unit: 'text',
  parse: (text) => text,
  print: (value) => value,
};

/** `true` or `false`. */
export const BOOLEAN: SettingKind<boolean> = {
  unit: 'true or false',
  parse: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  print: String,
};

/** Texts separated by commas. */
export const LIST: SettingKind<readonly string[]> = {
  unit: 'comma-separated list',
  parse: (text) =>
    text
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== ''),
  print: (value) => value.join(','),
};

/** A number of bytes; without a unit, bytes. */
export const BYTES: SettingKind<number> = {
  unit: 'size, such as 64KiB, 512MiB or 4GiB',
  parse: (text) => parseQuantity(text, BYTE_UNITS, 1),
  print: (value) => printQuantity(value, BYTE_UNITS),
};

/** A time in milliseconds; a number without a unit is refused, since nobody agrees what it means. */
export const DURATION: SettingKind<number> = {
  unit: 'duration, such as 500ms, 30s or 15m',
  parse: (text) => parseQuantity(text, TIME_UNITS, undefined),
  print: (value) => printQuantity(value, TIME_UNITS),
};

/** A duration, or `0`. */
export const DURATION_OR_NONE: SettingKind<number> = {
  unit: 'duration, such as 500ms or 5s, or 0',
  parse: (text) => (text === '0' ? 0 : DURATION.parse(text)),
  print: (value) => (value === 0 ? '0' : DURATION.print(value)),
};

/** A duration, or the word `never`. */
export const DURATION_OR_NEVER: SettingKind<number | 'never'> = {
  unit: 'duration, such as 12h or 90d, or never',
  parse: (text) => (text === 'never' ? 'never' : DURATION.parse(text)),
  print: (value) => (value === 'never' ? value : DURATION.print(value)),
};

/** A whole number from `min` to `max`. */
export function integer(min: number, max: number): SettingKind<number> {
  return {
    unit: max === Number.MAX_SAFE_INTEGER ? `number from ${min}` : `number from ${min} to ${max}`,
    parse: (text) => {
      const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
      return min <= value && value <= max ? value : undefined;
    },
    print: String,
  };
}

/** One of a few words. */
export function choice<const Word extends string>(words: readonly Word[]): SettingKind<Word> {
  return {
    unit: words.join(' | '),
    parse: (text) => words.find((word) => word === text),
    print: (value) => value,
  };
}

type Units = readonly (readonly [unit: string, size: number])[];

/** A positive quantity; `bare` is the size of a number without a unit, undefined to refuse it. */
function parseQuantity(text: string, units: Units, bare: number | undefined): number | undefined {
  const match = /^(\d{1,15})([A-Za-z]*)$/.exec(text);
  if (match === null) return undefined;
  const [, digits = '', unit = ''] = match;
  const size = unit === '' ? bare : units.find(([name]) => name === unit)?.[1];
  const value = size === undefined ? Number.NaN : Number(digits) * size;
  return 0 < value && value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

function printQuantity(value: number, units: Units): string {
  const [unit, size] = units.find(([, one]) => value % one === 0) ?? ['', 1];
  return `${value / size}${unit}`;
}
