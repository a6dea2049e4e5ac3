/** An entry of an archive to build; whatever is left out is what an honest writer would say. */
export interface TarPart {
  readonly name: string;
  readonly content?: string | Uint8Array;
  /** Type flag; default `0`. */
  readonly type?: string;
  /** What the header claims; default the length of the content. */
  readonly size?: number;
  readonly prefix?: string;
  readonly link?: string;
  /** `gnu` writes the magic of GNU tar, `old` none. */
  readonly format?: 'posix' | 'gnu' | 'old';
}

const BLOCK = 512;

/** A tar archive of `parts`, with the two empty blocks at its end. */
export function tarOf(parts: readonly TarPart[]): Buffer {
  return Buffer.concat([...parts.flatMap(tarEntry), Buffer.alloc(2 * BLOCK)]);
}

/** Header, content and padding of one entry. */
export function tarEntry(part: TarPart): Buffer[] {
  const content = Buffer.from(part.content ?? '');
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
  return [tarHeader({ size: content.length, ...part }), content, padding];
}

/** A pax header for the next entry. */
export function paxOf(records: Readonly<Record<string, string>>, type = 'x'): TarPart {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`;
    const bytes = Buffer.byteLength(rest);
    let length = bytes;
    while (length !== bytes + String(length).length) length = bytes + String(length).length;
    return `${length}${rest}`;
  });
  return { name: 'PaxHeaders/x', type, content: lines.join('') };
}

function tarHeader({
  name,
  size = 0,
  type = '0',
  prefix = '',
  link = '',
  format = 'posix',
}: TarPart): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 100);
  block.write('0000644\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  if (size < 8 ** 11) block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  else {
    block[124] = 0x80;
    block.writeBigUInt64BE(BigInt(size), 128);
  }
  block.write('00000000000\0', 136);
  block.write('        ', 148);
  block.write(type, 156);
  block.write(link, 157, 100);
  if (format === 'posix') block.write('ustar\u000000', 257);
  if (format === 'gnu') block.write('ustar  \0', 257);
  block.write(prefix, 345, 155);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
