import { AmbiguousScalar } from '../../read-item.ts';

const DECIMAL = /^[-+]?(?:0|[1-9][0-9]*)$/;
const HEXADECIMAL = /^0x[0-9a-fA-F]+$/;
/** With a point, and a sign in the exponent: what 1.1 and 1.2 both read as the same number. */
const FLOAT = /^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]+)?$/;
const INFINITY = /^([-+]?)\.(?:inf|Inf|INF)$/;
const NOT_A_NUMBER = /^\.(?:nan|NaN|NAN)$/;

/** Words that are booleans in YAML 1.1 only. */
const OLD_BOOLEAN = /^(?:y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF)$/;
/**
 * Other forms that one version reads as a number or a date and the other does not, or as another
 * number: leading zeros, `0o`, `0b`, signed `0x`, underscores, exponents without point or sign, base
 * 60, dates; and the value and merge indicators of 1.1.
 */
const DISPUTED: readonly RegExp[] = [
  /^[-+]?0[0-9_]+$/,
  /^[-+]?0[oO][0-7_]+$/,
  /^[-+]?0[bB][01_]+$/,
  /^[-+]?0[xX][0-9a-fA-F_]+$/,
  /^[-+]?[0-9][0-9_]*$/,
  /^[-+]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9_]+)?$/,
  /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/,
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?$/,
  /^(?:=|<<)$/,
];
const TEXT_LENGTH_MAX = 256;
/** What all of the above can start with; most words are dismissed by it. */
const MAY_BE_SPECIAL = /^[-+.0-9=<~ynotfYNOTF]/;

/**
 * The value of a plain YAML scalar, where YAML 1.1 (kubectl) and 1.2 agree on it.
 *
 * @see https://yaml.org/spec/1.2.2/#103-core-schema
 * @see https://yaml.org/type/
 */
export function readPlainScalar(text: string): null | boolean | number | string | AmbiguousScalar {
  if (text === '') return null;
  if (!MAY_BE_SPECIAL.test(text)) return text;
  // No name, label or address is that long; the patterns below are for short text.
  if (TEXT_LENGTH_MAX < text.length)
    return /^[-+.]*[0-9]/.test(text) ? new AmbiguousScalar(text) : text;
  switch (text) {
    case '~':
    case 'null':
    case 'Null':
    case 'NULL':
      return null;
    case 'true':
    case 'True':
    case 'TRUE':
      return true;
    case 'false':
    case 'False':
    case 'FALSE':
      return false;
  }
  if (OLD_BOOLEAN.test(text)) return new AmbiguousScalar(text);
  return readNumber(text) ?? text;
}

function readNumber(text: string): number | AmbiguousScalar | undefined {
  if (DECIMAL.test(text) || HEXADECIMAL.test(text) || FLOAT.test(text)) return Number(text);
  const infinity = INFINITY.exec(text);
  if (infinity !== null) return infinity[1] === '-' ? -Infinity : Infinity;
  if (NOT_A_NUMBER.test(text)) return NaN;
  return DISPUTED.some((form) => form.test(text)) ? new AmbiguousScalar(text) : undefined;
}
