/** Remembers what was read of chunks, by identity: an unchanged chunk is not read again. */
export class IrCache {}
