import { connectionsOf, printConnections } from '../../model/connection-set.ts';
import type { PortRange } from '../../model/connection-set.ts';
import type { Leg, Path, RuleRef } from '../../model/answer.ts';
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

/**
 * One paragraph a person can paste into a ticket: what an expert would check, in that order, and of
 * it only what matters here: ports as a Service translates them, each end (isolated by what, the
 * rule that decides or the one that came nearest, hostNetwork), then DNS and whatever is not known.
 */
export function describePath(path: Omit<Path, 'text'>): string {
  const sentences = [headline(path), ...translations(path)];
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

/** Ports of a Service that are others on its pods: policies see those of the pods. */
function translations({ resolution }: Omit<Path, 'text'>): string[] {
  if (resolution === undefined) return [];
  return resolution.ports.flatMap(({ protocol, port, targets }) => {
    const others = targets.filter((target) => target.port !== port);
    if (others.length === 0) return [];
    const numbers = [...new Set(targets.map((target) => target.port))].join(', ');
    const service = `${nameOf(resolution.service)} ${protocol.toLowerCase()}/${port}`;
    return [`${service} is ${protocol} ${numbers} on the pods, which is what policies see.`];
  });
}

function describeLeg(leg: Leg): string {
  const side = leg.direction === 'EGRESS' ? 'Egress' : 'Ingress';
  const what = `${side} of ${nameOf(leg.subject)}`;
  const { decidedBy } = leg;
  switch (decidedBy.kind) {
    case 'ISOLATION': {
      const names = decidedBy.policies.map(printObject).join(', ');
      const admits =
        leg.verdict === 'DENIED' ? 'no rule admits this' : 'rules admit only part of this';
      return `${what} is isolated by ${names}, and ${admits}${afterPass(leg)}${nearestOf(leg)}.`;
    }
    case 'RULE': {
      const verb = decidedBy.action === 'ALLOW' ? 'is allowed' : 'is denied';
      return `${what} ${verb} by ${printRule(decidedBy.rule)}${alsoBy(leg)}${afterPass(leg)}.`;
    }
    case 'DEFAULT':
      return `${what} is not isolated${afterPass(leg)}.`;
    case 'SELF':
      return `${what}: a pod always reaches itself.`;
    case 'LOCAL_NODE':
      return `${what}: a pod is always reachable from its own node.`;
    case 'EXTERNAL':
      return `${what}: ${outsideOf(leg.subject)}, so no policy applies to it.`;
    case 'HIDDEN':
      return `${what} is decided by policies of other namespaces (${leg.verdict}).`;
    case 'AMBIGUOUS':
      return `${what}: policies of equal priority disagree.`;
    case 'UNDETERMINED':
      return `${what} cannot be decided${openPolicies(leg)}.`;
  }
}

/** The nearest rule, unless neither its peer nor its port is what was asked: then it is no hint. */
function nearestOf({ nearest: [near] }: Leg): string {
  if (near === undefined || !(near.peerMatch || near.portMatch)) return '';
  return `; nearest: ${printRule(near.rule)}: ${near.why}`;
}

/** Other rules of NetworkPolicies that allow the same: closing one of them changes nothing. */
function alsoBy({ decidedBy, alsoAllowedBy }: Leg): string {
  const count = alsoAllowedBy.length;
  if (decidedBy.kind !== 'RULE' || decidedBy.action !== 'ALLOW' || count === 0) return '';
  return ` (and by ${count} other rule${count === 1 ? '' : 's'})`;
}

function afterPass({ passed }: Leg): string {
  if (passed.length === 0) return '';
  return `, after a pass by ${passed.map(({ rule }) => printRule(rule)).join(' and ')}`;
}

function openPolicies({ policies }: Leg): string {
  const open = policies.filter(({ effect }) => effect === 'UNDECIDABLE');
  if (open.length === 0) return '';
  return ` because of ${open.map(({ policy }) => printObject(policy)).join(', ')}`;
}

/** Why an end has no policies: pods are here only with `hostNetwork`. */
function outsideOf({ kind }: Peer): string {
  if (kind === 'Node') return 'it is a node';
  if (kind === 'AddressRange') return 'it is outside the cluster';
  return 'it uses hostNetwork and counts as its node';
}

function printRule({ policy, pointer, file, line }: RuleRef): string {
  const place = file === undefined ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`;
  return `${printObject(policy)} ${pointer}${place}`;
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
