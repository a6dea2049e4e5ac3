import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What every token begins with, so that people and secret scanners know one when they see it. */
export const TOKEN_PREFIX = 'pr_';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SECRET_BYTES = 32;
/** Letters and digits that hold 256 bits, and 32. */
const SECRET_CHARS = 43;
const CHECKSUM_CHARS = 6;
const TOKEN = new RegExp(
  `^${TOKEN_PREFIX}([0-9A-Za-z]{${SECRET_CHARS}})([0-9A-Za-z]{${CHECKSUM_CHARS}})$`,
);

/**
 * A new token: `pr_`, 43 letters and digits of 256 random bits, and 6 of their CRC-32. The checksum
 * keeps nothing secret: it tells a token from a text that only looks like one, without asking anybody.
 */
export function newToken(): string {
  const secret = inDigits(BigInt(`0x${randomBytes(SECRET_BYTES).toString('hex')}`), SECRET_CHARS);
  return `${TOKEN_PREFIX}${secret}${checksumOf(secret)}`;
}

/** Whether `text` has the form of a token and the right checksum. */
export function isToken(text: string): boolean {
  const [, secret, checksum] = TOKEN.exec(text) ?? [];
  return secret !== undefined && checksum === checksumOf(secret);
}

/**
 * What is stored of a token: SHA-256, lower-case hexadecimal.
 *
 * There is nothing to guess in 256 random bits, so that a slow hash or a key beside it would protect
 * nothing more; a key that got lost would lock everybody out.
 */
export function tokenHash(token: string): string {
  return hash('sha256', token, 'hex');
}

function checksumOf(secret: string): string {
  return inDigits(BigInt(crc32(secret)), CHECKSUM_CHARS);
}

function inDigits(value: bigint, length: number): string {
  const base = BigInt(DIGITS.length);
  let rest = value;
  let text = '';
  while (text.length < length) {
    text = DIGITS.charAt(Number(rest % base)) + text;
    rest /= base;
  }
  return text;
}
