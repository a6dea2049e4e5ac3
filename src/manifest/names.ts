const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** Whether `text` is a DNS label: what namespaces and Services are named by. */
export function isDnsLabel(text: string): boolean {
  return text.length <= 63 && LABEL.test(text);
}

/** Whether `text` is a DNS subdomain of at most 253 characters: what most objects are named by. */
export function isDnsSubdomain(text: string): boolean {
  if (253 < text.length) return false;
  return LABEL.test(text) || text.split('.').every((part) => LABEL.test(part));
}

/** Whether `text` can be a label key: a name, perhaps with a DNS subdomain and `/` before it. */
export function isLabelKey(text: string): boolean {
  const slash = text.indexOf('/');
  const name = text.slice(slash + 1);
  const prefixed = slash === -1 || isDnsSubdomain(text.slice(0, slash));
  return prefixed && name.length <= 63 && QUALIFIED.test(name);
}

/** Whether `text` can be a label value; the empty text can. */
export function isLabelValue(text: string): boolean {
  return text === '' || (text.length <= 63 && QUALIFIED.test(text));
}

/** Why `text` cannot name a port, or undefined when it can (semantics R1.60 row 5). */
export function portNameFault(text: string): string | undefined {
  if (text === '') return 'a port name cannot be empty';
  if (15 < text.length) return `the port name \`${text}\` is longer than 15 characters`;
  if (!/^[-a-z0-9]+$/.test(text)) {
    return `the port name \`${text}\` may only have \`a-z\`, \`0-9\` and \`-\``;
  }
  if (!/[a-z]/.test(text)) {
    return `\`${text}\` in quotes is a port name and needs a letter; write the number without quotes`;
  }
  if (text.startsWith('-') || text.endsWith('-') || text.includes('--')) {
    return `the port name \`${text}\` may not start or end with \`-\` or have two together`;
  }
  return undefined;
}

/** Whether `a` becomes `b` by inserting, removing, replacing or swapping one character. */
export function isOneEdit(a: string, b: string): boolean {
  if (a === b || 1 < Math.abs(a.length - b.length)) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  const restA = a.slice(start);
  const restB = b.slice(start);
  if (restA.slice(1) === restB.slice(1)) return true;
  if (restA === restB.slice(1) || restA.slice(1) === restB) return true;
  const swapped = `${restA.charAt(1)}${restA.charAt(0)}${restA.slice(2)}`;
  return 1 < restA.length && swapped === restB;
}

/** The one of `known` that `text` was probably meant to be: other case, or one edit away. */
export function nearest(text: string, known: Iterable<string>): string | undefined {
  const lower = text.toLowerCase();
  for (const candidate of known) {
    if (candidate !== text && candidate.toLowerCase() === lower) return candidate;
    if (isOneEdit(lower, candidate.toLowerCase())) return candidate;
  }
  return undefined;
}
