import { PodreachError } from '../../../model/errors.ts';
import type { Problem } from '../../../model/snapshot.ts';
import type { DumpShape, InputEvidence, KindName, ReadItem } from '../../read-item.ts';
import { badInput } from '../report.ts';
import type { DumpPlace } from './dump-places.ts';
import { isDumpedKind, namespaceOf } from './printed-dump.ts';
import { describeDump, haveNoObjects } from './tree-problems.ts';

/** What one file of a tree turns out to hold. */
export interface TreeFile {
  /** Takes note of an item: what is to be yielded now, if anything. */
  readonly note: (item: ReadItem) => ReadItem | undefined;
  /** It could not be read to its end. */
  readonly fail: (error: PodreachError) => void;
  /** All of it was read. @param printed - what it has, when it is itself a printed dump */
  readonly end: (printed: InputEvidence | undefined) => void;
}

interface Waiting {
  readonly path: string;
  readonly place: DumpPlace | undefined;
  readonly problem: Problem | PodreachError;
}

type Cover = InputEvidence['covers'][number];

/** The kinds of which there is something in a folder, by `kind apiVersion`. */
type Kinds = Map<string, KindName>;

/**
 * The files of one directory or archive, and what they come to together.
 *
 * Which tool made it may show in the last file only. So no object vouches for all of its kind, and
 * what is wrong with a file waits: in the dump of a tool, files without objects of Kubernetes are none
 * of our business; in a folder of manifests they are mistakes. Nothing here depends on the order of
 * the files.
 */
export class InputTree {
  readonly #name: string | undefined;
  /** Where known dumps start, with the tools that made them. */
  readonly #roots = new Map<string, Set<DumpShape>>();
  /** Whole lists in the places of a tool, by root and shape. */
  readonly #lists = new Map<string, DumpPlace[]>();
  readonly #folders = new Map<string, Kinds>();
  readonly #waiting: Waiting[] = [];
  readonly #printed: InputEvidence[] = [];
  readonly #forbidden: DumpPlace[] = [];
  /** Files that were passed by because of the tool that would have made them; one of each root. */
  readonly #copies = new Map<string, { readonly path: string; readonly place: DumpPlace }>();
  /** The first archive of each folder: inside of a dump it is of no use, elsewhere it may be. */
  readonly #archives = new Map<string, string>();
  #skipped = 0;
  #read = 0;

  /** @param name - of the directory or archive, for messages */
  constructor(name: string | undefined) {
    this.#name = name;
  }

  /** Files that were, or are being, read. */
  get filesRead(): number {
    return this.#read;
  }

  /** A file is not opened, for its name or its place. */
  skip(path: string, place?: DumpPlace): void {
    this.#skipped += 1;
    if (place?.role === 'copy') this.#copies.set(rootKey(place), { path, place });
  }

  /** An archive in it is not opened. */
  skipArchive(path: string): void {
    this.#skipped += 1;
    const folder = folderOf(path);
    if (!this.#archives.has(folder)) this.#archives.set(folder, path);
  }

  /** Whoever made it was not allowed to list the kind of `place`. */
  forbid(place: DumpPlace): void {
    this.#forbidden.push(place);
  }

  /** Something that belongs to it is missing. */
  lack(path: string, problem: Problem): void {
    this.#waiting.push({ path, place: undefined, problem });
  }

  /** The next file that is read. @param label - its name in problems */
  file(path: string, label: string, place: DumpPlace | undefined): TreeFile {
    this.#read += 1;
    const kinds: Kinds = new Map();
    let hasList = false;
    let isWhole = place?.role === 'list';
    return {
      note: (item) => {
        if (item.type === 'skipped' || item.type === 'evidence') return item;
        if (item.type === 'problem') {
          isWhole = false;
          const problem = unnamed(item.problem, label);
          if (problem.code !== 'NOT_AN_OBJECT') return { type: 'problem', problem };
          this.#waiting.push({ path, place, problem });
          return undefined;
        }
        const kind = kindNameOf(item);
        if (kind.kind !== '') kinds.set(keyOf(kind), kind);
        if (place !== undefined) {
          hasList ||= item.type === 'list';
          isWhole &&= belongs(item, place);
          if (place.tells && isTelling(item, place)) addRoot(this.#roots, place);
        }
        return { ...item, scoped: true };
      },
      fail: (error) => {
        isWhole = false;
        this.#waiting.push({ path, place, problem: error });
      },
      end: (printed) => {
        if (printed !== undefined) this.#printed.push(printed);
        const folder = folderOf(path);
        const known = this.#folders.get(folder) ?? new Map<string, KindName>();
        for (const [key, kind] of kinds) {
          // Of these, only its own evidence counts.
          if (printed === undefined || !isDumpedKind(kind)) known.set(key, kind);
        }
        this.#folders.set(folder, known);
        if (place === undefined || !isWhole || !hasList) return;
        const lists = this.#lists.get(rootKey(place));
        if (lists === undefined) this.#lists.set(rootKey(place), [place]);
        else lists.push(place);
      },
    };
  }

  /**
   * What is to be said of the whole, once all files were read.
   *
   * @throws PodreachError what was wrong with a file that cannot be passed over
   */
  *settle(): Generator<ReadItem> {
    const roots = this.#roots;
    for (const archive of this.#archives.values()) {
      if (!isInDump(roots, archive)) throw nested(this.#name, archive);
    }
    for (const { path, place } of this.#copies.values()) {
      if (!isPartOfDump(roots, place)) throw halfADump(path);
    }
    const problems: Problem[] = [];
    let passedBy = this.#skipped;
    for (const { path, place, problem } of this.#waiting) {
      const isOfUse = place?.kind !== undefined && isPartOfDump(roots, place);
      if (isInDump(roots, path) && !isOfUse) passedBy += 1;
      else if (problem instanceof PodreachError) throw problem;
      else problems.push(problem);
    }
    const tools = [...roots.values()].flatMap((shapes) => [...shapes]);
    const printed = this.#printed.flatMap(({ shapes }) => shapes);
    const forbidden = this.#forbidden.filter((place) => isPartOfDump(roots, place));
    const evidence: InputEvidence = {
      shapes: [...new Set([...tools, ...printed])].sort(),
      covers: [
        ...coveredFolders(this.#folders, roots),
        ...coveredLists(this.#lists, roots),
        ...this.#printed.flatMap(({ covers }) => covers),
      ],
      doubts: [],
      forbidden: forbidden.flatMap(({ kind }) => kind ?? []),
    };
    for (const problem of [...haveNoObjects(problems), ...describeDump(evidence, passedBy)]) {
      yield { type: 'problem', problem };
    }
    yield { type: 'evidence', ...evidence };
  }
}

type Found = Extract<ReadItem, { type: 'object' | 'list' }>;

/** The kind of an object, or of what a list has; empty for a list of all kinds. */
function kindNameOf({ type, apiVersion, kind }: Found): KindName {
  return { apiVersion, kind: type === 'list' ? kind.replace(/List$/, '') : kind };
}

function keyOf({ apiVersion, kind }: KindName): string {
  return `${kind} ${apiVersion}`;
}

/** Whether an item is what a tool writes to `place` when it lists all of a kind. */
function belongs(item: Found, place: DumpPlace): boolean {
  if (kindNameOf(item).kind !== place.kind?.kind) return false;
  if (item.type === 'list') return !item.truncated;
  return place.namespace === undefined || namespaceOf(item) === place.namespace;
}

/** Whether nobody but the tool would have written the item there. */
function isTelling(item: Found, place: DumpPlace): boolean {
  if (kindNameOf(item).kind !== place.kind?.kind) return false;
  if (item.type === 'list') return true;
  const { metadata } = item.value;
  const isObject = typeof metadata === 'object' && metadata !== null;
  return place.role === 'object' && isObject && Object.hasOwn(metadata, 'uid');
}

function addRoot(roots: Map<string, Set<DumpShape>>, { root, shape }: DumpPlace): void {
  const shapes = roots.get(root);
  if (shapes === undefined) roots.set(root, new Set([shape]));
  else shapes.add(shape);
}

type Roots = ReadonlyMap<string, ReadonlySet<DumpShape>>;

function isInDump(roots: Roots, path: string): boolean {
  return startsOf(path).some((start) => roots.has(start));
}

/** Every folder above a path, the whole tree first. */
function startsOf(path: string): string[] {
  const starts = [''];
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
    starts.push(path.slice(0, at + 1));
  }
  return starts;
}

/** Whether the tool of `place` did make what is there. */
function isPartOfDump(roots: Roots, { root, shape }: DumpPlace): boolean {
  return startsOf(root).some((start) => roots.get(start)?.has(shape) === true);
}

/**
 * Outside of dumps, what is given is all there is: as of files that stand alone. The same of kinds
 * that a tool never writes: somebody has added them.
 */
function coveredFolders(folders: ReadonlyMap<string, Kinds>, roots: Roots): Cover[] {
  const covers: Kinds = new Map();
  for (const [folder, kinds] of folders) {
    const tools = startsOf(folder).flatMap((start) => [...(roots.get(start) ?? [])]);
    for (const [key, kind] of kinds) {
      const isWritten = kind.kind === 'Node' || isDumpedKind(kind);
      if (tools.every((tool) => tool === 'cluster-info' && !isWritten)) covers.set(key, kind);
    }
  }
  return [...covers.values()];
}

/** In dumps, only the lists of the tool cover anything. */
function coveredLists(lists: ReadonlyMap<string, readonly DumpPlace[]>, roots: Roots): Cover[] {
  return [...lists.values()].flat().flatMap((place) => {
    const { kind, namespace } = place;
    if (kind === undefined || !isPartOfDump(roots, place)) return [];
    return [namespace === undefined ? kind : { ...kind, namespaces: [namespace] }];
  });
}

/** The name of a file stands beside a problem, so that it is the same in a directory and a tar. */
function unnamed(problem: Problem, label: string): Problem {
  return problem.object === label ? { ...problem, object: 'input' } : problem;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function rootKey({ root, shape }: DumpPlace): string {
  return `${shape} ${root}`;
}

function nested(name: string | undefined, path: string): PodreachError {
  return badInput(
    { file: name },
    undefined,
    `it holds another archive, \`${path}\`, which is not opened`,
    'unpack it, or send it by itself',
  );
}

function halfADump(path: string): PodreachError {
  return badInput(
    { file: path },
    undefined,
    'it lies where a tool puts a second copy of an object, and the first is not there',
    'add the rest of the dump, or send the file by itself',
  );
}
