import { connectionsOf, printConnections } from '../../model/connection-set.ts';
import type { PortRange } from '../../model/connection-set.ts';
import type { Leg, Path } from '../../model/answer.ts';
import type { Peer } from '../../model/peer.ts';
import { printObject } from '../../model/policy.ts';

/** Reasons that the sentence about the legs already tells. */
const TOLD = new Set([
  'EGRESS_NOT_ADMITTED',
  'INGRESS_NOT_ADMITTED',
  'EGRESS_DENIED',
  'INGRESS_DENIED',
  'NOT_ISOLATED',
  'ADMITTED',
]);

/** One paragraph a person can paste into a ticket. */
export function describePath(path: Omit<Path, 'text'>): string {
  const sentences = [headline(path)];
  if (!path.vacuous) sentences.push(...path.legs.map(describeLeg));
  if (1 < path.outcomes.length) {
    sentences.push(`This is the worst of ${path.outcomes.length} different outcomes.`);
  }
  for (const { code, message } of path.reasons) {
    if (!TOLD.has(code))
      sentences.push(sentence(code === 'DNS_BLOCKED' ? `DNS: ${message}` : message));
  }
  return sentences.join(' ');
}

function headline({
  verdict,
  from,
  to,
  askedText,
  allowed,
  denied,
  undetermined,
}: Path | Omit<Path, 'text'>): string {
  const on = askedText === 'any' ? 'on any port' : `on ${askedText}`;
  const ends = `${nameOf(from)} to ${nameOf(to)} ${on}`;
  switch (verdict) {
    case 'ALLOWED':
      return `ALLOWED: ${ends}.`;
    case 'DENIED':
      return `DENIED: ${ends}.`;
    case 'PARTIAL':
      return `PARTIAL: ${ends}: allowed ${print(allowed)}, denied ${print(denied)}.`;
    case 'UNDETERMINED':
      return `UNDETERMINED: ${ends}: not known for ${print(undetermined)}.`;
  }
}

function describeLeg(leg: Leg): string {
  const side = leg.direction === 'EGRESS' ? 'Egress' : 'Ingress';
  const what = `${side} of ${nameOf(leg.subject)}`;
  const { decidedBy, nearest } = leg;
  switch (decidedBy.kind) {
    case 'ISOLATION': {
      const names = decidedBy.policies.map(printObject).join(', ');
      const near = nearest[0];
      const hint =
        near === undefined
          ? ''
          : `; nearest: ${near.rule.policy.name} ${near.rule.pointer} (${near.why})`;
      const admits =
        leg.verdict === 'DENIED' ? 'no rule admits this' : 'rules admit only part of this';
      return `${what} is isolated by ${names}, and ${admits}${hint}.`;
    }
    case 'RULE': {
      const { policy, pointer, file, line } = decidedBy.rule;
      const place = file === undefined ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`;
      const verb = decidedBy.action === 'ALLOW' ? 'is allowed' : 'is denied';
      return `${what} ${verb} by ${printObject(policy)} ${pointer}${place}.`;
    }
    case 'DEFAULT':
      return `${what} is not isolated.`;
    case 'SELF':
      return `${what}: a pod always reaches itself.`;
    case 'LOCAL_NODE':
      return `${what}: a pod is always reachable from its own node.`;
    case 'EXTERNAL':
      return `${what}: it is no pod, no policy applies.`;
    case 'AMBIGUOUS':
      return `${what}: policies of equal priority disagree.`;
    case 'UNDETERMINED':
      return `${what} cannot be decided.`;
  }
}

/** The ref, or the first of a long list of address ranges and how many more there are. */
function nameOf({ ref, cidrs = [] }: Peer): string {
  const [first] = cidrs;
  if (first === undefined || cidrs.length < 4 || !ref.startsWith(first)) return ref;
  return `${first} and ${cidrs.length - 1} more ranges`;
}

function print(ports: readonly PortRange[]): string {
  return printConnections(connectionsOf(ports));
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
