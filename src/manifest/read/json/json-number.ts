const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

/** How much of a JSON number was read. */
export const NUMBER = {
  minus: 0,
  zero: 1,
  digits: 2,
  dot: 3,
  fraction: 4,
  exponent: 5,
  exponentSign: 6,
  exponentDigits: 7,
} as const;
/** By state: whether the number may end there. */
export const NUMBER_MAY_END = [false, true, true, false, true, false, false, true] as const;

/** Whether the byte is a decimal digit. */
export function isDigit(byte: number): boolean {
  return ZERO <= byte && byte <= NINE;
}

/** The state after `byte`; undefined when it is no part of the number. */
export function nextNumberState(state: number, byte: number): number | undefined {
  const digit = isDigit(byte);
  const exponent = byte === 0x65 || byte === 0x45;
  switch (state) {
    case NUMBER.minus:
      return digit ? (byte === ZERO ? NUMBER.zero : NUMBER.digits) : undefined;
    case NUMBER.zero:
    case NUMBER.digits:
      if (digit && state === NUMBER.digits) return NUMBER.digits;
      if (byte === DOT) return NUMBER.dot;
      return exponent ? NUMBER.exponent : undefined;
    case NUMBER.dot:
      return digit ? NUMBER.fraction : undefined;
    case NUMBER.fraction:
      if (digit) return NUMBER.fraction;
      return exponent ? NUMBER.exponent : undefined;
    case NUMBER.exponent:
      if (byte === PLUS || byte === MINUS) return NUMBER.exponentSign;
      return digit ? NUMBER.exponentDigits : undefined;
    default:
      return digit ? NUMBER.exponentDigits : undefined;
  }
}
