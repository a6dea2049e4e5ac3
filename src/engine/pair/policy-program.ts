import { ALL_CONNECTIONS, connectionsOf, union } from '../../model/connection-set.ts';
import type { ConnectionSet, Protocol } from '../../model/connection-set.ts';
import type {
  Action,
  Direction,
  NamespaceScope,
  PodSelection,
  Policy,
  Rule,
} from '../../model/policy.ts';
import { printSelector } from '../../model/selector.ts';
import type { LabelSelector } from '../../model/selector.ts';
import { BlockTable } from './address-blocks.ts';
import type { AddressBlocks, BlockId } from './address-blocks.ts';

/** Position of a distinct pod selection in a {@link SelectionTable}. */
export type SelectionId = number;

/** Position of a distinct `(name, protocol)` that some rule mentions. */
export type PortNameId = number;

/** A port name as rules mention it; without a protocol, the container port's own counts. */
export interface PortName {
  readonly name: string;
  readonly protocol: Protocol | undefined;
}

/** A compiled {@link PeerTerm}: what to look up on the other side's party. */
export interface PeerTest {
  /** Position in the author's list. */
  readonly index: number;
  readonly negated: boolean;
  readonly test:
    | { readonly kind: 'selection'; readonly id: SelectionId }
    | { readonly kind: 'block'; readonly id: BlockId; readonly always: boolean }
    | { readonly kind: 'nodes'; readonly selector: LabelSelector }
    | { readonly kind: 'opaque'; readonly reason: string };
}

/** A compiled rule. */
export interface RuleProgram {
  readonly rule: Rule;
  readonly action: Action;
  readonly peers: readonly PeerTest[] | 'every';
  /** Ports that do not depend on the destination. */
  readonly fixedPorts: ConnectionSet;
  /** Names that resolve on the destination (semantics R1.43, R1.44). */
  readonly namedPorts: readonly PortNameId[];
}

/** A compiled policy. */
export interface PolicyProgram {
  readonly policy: Policy;
  readonly subject: SelectionId;
  readonly ingress: readonly RuleProgram[];
  readonly egress: readonly RuleProgram[];
}

/** Rules of `program` in `direction`. */
export function programRules(program: PolicyProgram, direction: Direction): readonly RuleProgram[] {
  return direction === 'INGRESS' ? program.ingress : program.egress;
}

/** Interns pod selections: equal ones of any policy share an id. */
class SelectionTable {
  readonly #ids = new Map<string, SelectionId>();
  readonly selections: PodSelection[] = [];

  idOf(selection: PodSelection): SelectionId {
    const key = `${printScope(selection.namespaces)}?${canonicalKey(selection.pods)}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.selections.length;
    this.selections.push(selection);
    this.#ids.set(key, id);
    return id;
  }
}

/** Interns port names. */
class PortNameTable {
  readonly #ids = new Map<string, PortNameId>();
  readonly names: PortName[] = [];

  idOf(name: string, protocol: Protocol | undefined): PortNameId {
    const key = `${protocol ?? '*'}/${name}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.names.length;
    this.names.push({ name, protocol });
    this.#ids.set(key, id);
    return id;
  }
}

/** The tables every policy of a snapshot is compiled against. */
interface ProgramTables {
  readonly selections: SelectionTable;
  readonly blocks: BlockTable;
  readonly portNames: PortNameTable;
}

/** Policies compiled together, with what their numbers refer to. */
export interface CompiledPolicies {
  readonly programs: readonly PolicyProgram[];
  readonly selections: readonly PodSelection[];
  readonly blocks: AddressBlocks;
  readonly portNames: readonly PortName[];
}

/** Compiles `policies`; programs keep their order. */
export function compilePolicies(policies: readonly Policy[]): CompiledPolicies {
  const tables: ProgramTables = {
    selections: new SelectionTable(),
    blocks: new BlockTable(),
    portNames: new PortNameTable(),
  };
  const programs = policies.map((policy) => compilePolicy(policy, tables));
  return {
    programs,
    selections: tables.selections.selections,
    blocks: tables.blocks.build(),
    portNames: tables.portNames.names,
  };
}

/** Replaces what `policy` says of others by ids that parties can be looked up by. */
function compilePolicy(policy: Policy, tables: ProgramTables): PolicyProgram {
  const compile = (rule: Rule): RuleProgram => compileRule(rule, tables);
  return {
    policy,
    subject: tables.selections.idOf(policy.subject),
    ingress: policy.ingress.map(compile),
    egress: policy.egress.map(compile),
  };
}

function compileRule(rule: Rule, tables: ProgramTables): RuleProgram {
  let fixedPorts = rule.ports === 'every' ? ALL_CONNECTIONS : connectionsOf([]);
  const namedPorts: PortNameId[] = [];
  for (const port of rule.ports === 'every' ? [] : rule.ports) {
    if (port.kind === 'range') fixedPorts = union(fixedPorts, connectionsOf([port]));
    else namedPorts.push(tables.portNames.idOf(port.name, port.protocol));
  }
  const peers =
    rule.peers === 'every'
      ? rule.peers
      : rule.peers.map(({ index, negated, atom }): PeerTest => {
          switch (atom.kind) {
            case 'pods':
              return {
                index,
                negated,
                test: { kind: 'selection', id: tables.selections.idOf(atom.selection) },
              };
            case 'addresses': {
              const id = tables.blocks.idOf(atom.cidr, atom.except);
              return {
                index,
                negated,
                test: { kind: 'block', id, always: atom.owned === 'always' },
              };
            }
            case 'nodes':
            case 'opaque':
              return { index, negated, test: atom };
          }
        });
  return { rule, action: rule.action, peers, fixedPorts, namedPorts };
}

function printScope(scope: NamespaceScope): string {
  return scope.kind === 'named' ? `=${scope.name}` : `{${canonicalKey(scope.selector)}}`;
}

function canonicalKey(selector: LabelSelector): string {
  return printSelector(selector);
}
