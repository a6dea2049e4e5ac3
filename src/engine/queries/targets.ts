import { connectionsOf, hasPort, isEmpty, union } from '../../model/connection-set.ts';
import type { ConnectionSet } from '../../model/connection-set.ts';
import type { Reason, ServiceResolution } from '../../model/answer.ts';
import { parsePort, printAskedPorts } from '../refs/parse-port.ts';
import type { AskedPorts } from '../refs/parse-port.ts';
import type { EndSet } from '../refs/end-set.ts';
import { resolveRef } from '../refs/resolve-ref.ts';
import type { ReachIndex } from '../reach-index.ts';
import type { TargetGroup } from './cases.ts';
import { atParameter } from './at-parameter.ts';
import { emptiness, groupByParty, plainPorts, targetsOf } from './ends.ts';
import { serviceTargets } from './service-targets.ts';

/** A destination ref with the asked ports as each of its members sees them. */
export interface Target {
  readonly end: EndSet;
  readonly groups: readonly TargetGroup[];
  /** Why there is no case at all. */
  readonly empty: Reason | undefined;
  /** What else a reader must know: untranslated ports, endpoints by fallback ... */
  readonly notes: readonly Reason[];
  /** The asked ports, in the caller's terms. */
  readonly asked: ConnectionSet;
  readonly askedText: string;
  /** `port=any`. */
  readonly open: boolean;
  /** Some asked name leads nowhere: the answer cannot be `ALLOWED` as a whole. */
  readonly unmet: boolean;
  readonly resolution?: ServiceResolution;
}

/**
 * Resolves `ref` as a destination and `port` on it.
 *
 * @throws PodreachError `bad-ref`, `bad-port`, `ambiguous-ref`, `ref-not-found`
 */
export function resolveTarget(
  index: ReachIndex,
  ref: string,
  port: string,
  parameter = 'to',
): Target {
  const asked = atParameter('port', () => parsePort(port));
  const end = atParameter(parameter, () => resolveRef(index.directory, ref, 'target'));
  const base = { end, askedText: textOf(asked), open: asked === 'any' };
  if (end.service !== undefined) {
    return { ...base, ...serviceTargets(index, end.service, asked) };
  }
  const { groups, undeclared } = targetsOf(index, groupByParty(index, end), asked);
  const empty = emptiness(index, end);
  const notes = untranslatedPorts(index, end, asked);
  if (empty === undefined && undeclared) {
    notes.push({
      code: 'PORT_NAME_NOT_DECLARED',
      message: `no pod of \`${end.peer.ref}\` declares a port named in \`${base.askedText}\``,
    });
  }
  const named = groups.reduce(
    (set, group) => union(set, group.ports.asked),
    plainPorts(asked).asked,
  );
  return { ...base, groups, empty, notes, asked: named, unmet: undeclared };
}

/** Equal texts are parsed to the same object, so that its canonical text is made once. */
function textOf(asked: AskedPorts): string {
  if (asked === 'any') return asked;
  const text = TEXTS.get(asked) ?? printAskedPorts(asked);
  TEXTS.set(asked, text);
  return text;
}

const TEXTS = new WeakMap<Exclude<AskedPorts, 'any'>, string>();

/** Services of the asked name whose port leads elsewhere than the pods' (contract 2). */
function untranslatedPorts(index: ReachIndex, end: EndSet, asked: AskedPorts): Reason[] {
  if (asked === 'any' || end.untranslated.length === 0) return [];
  const numbers = connectionsOf(asked.flatMap((port) => (port.kind === 'range' ? [port] : [])));
  if (isEmpty(numbers)) return [];
  return end.untranslated.flatMap(({ namespace, service }): Reason[] => {
    const port = service.ports.find(
      (one) =>
        !service.headless &&
        one.targetPort !== one.port &&
        hasPort(numbers, one.protocol, one.port),
    );
    if (port === undefined) return [];
    const ref = index.directory.servicePeer({ namespace, service }).ref;
    return [
      {
        code: 'SERVICE_PORT_NOT_TRANSLATED',
        message:
          `ports are those of the pods; Service port ${port.protocol}/${port.port} leads to ` +
          `${port.targetPort}, ask \`${ref}\` for that`,
      },
    ];
  });
}
