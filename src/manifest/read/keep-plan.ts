import type { KeepTree } from '../read-item.ts';

/** A keep-list made ready for keys that are still bytes. */
export interface KeepPlan {
  /** Fields that have no entry are kept as well, with all beneath them. */
  readonly all: boolean;
  /** By {@link slotOf}; every slot holds at most one. */
  readonly fields: readonly (PlannedField | undefined)[];
}

/** One field that is kept, or that only the general reader may read. */
export interface PlannedField {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** One bit, to find a key that stands twice. */
  readonly bit: number;
  /**
   * `type`: it says what the object is, which the reader knows by then or does not expect to be said;
   * `refused`: an object with this field is for the general reader.
   */
  readonly plan: KeepPlan | 'type' | 'refused';
  /** Among all fields of all plans, from 0. */
  readonly id: number;
}

/** The plan for values of which everything is kept. */
export const KEEP_ALL: KeepPlan = { all: true, fields: [undefined] };
/** Fields of an object that are not read like others. */
const SPECIAL_FIELDS: ReadonlyMap<string, 'type' | 'refused'> = new Map([
  ['apiVersion', 'type'],
  ['kind', 'type'],
  ['items', 'refused'],
]);
const NO_FIELDS: ReadonlyMap<string, 'type' | 'refused'> = new Map();

/** Bits of an int32. */
const FIELDS_MAX = 31;
const SLOTS_MAX = 4096;

const plans = new WeakMap<object, KeepPlan>();
const itemPlans = new WeakMap<object, KeepPlan>();
let fieldCount = 0;

/** For what is not known yet: only what says what the object is. */
export const TYPE_PLAN: KeepPlan = makePlan({}, SPECIAL_FIELDS, false) ?? {
  all: false,
  fields: [],
};

/**
 * The plan of a keep-list for all of an object but what says its type.
 *
 * @returns undefined for a list with more fields at one place than a plan can hold
 */
export function itemPlanOf(keep: KeepTree): KeepPlan | undefined {
  if (keep === true) return (keepAllItem ??= makePlan({}, SPECIAL_FIELDS, true));
  return remembered(itemPlans, keep, () => makePlan(keep, SPECIAL_FIELDS, false));
}

let keepAllItem: KeepPlan | undefined;

function planOf(keep: KeepTree): KeepPlan | undefined {
  if (keep === true) return KEEP_ALL;
  return remembered(plans, keep, () => makePlan(keep, NO_FIELDS, false));
}

function remembered(
  made: WeakMap<object, KeepPlan>,
  keep: object,
  make: () => KeepPlan | undefined,
): KeepPlan | undefined {
  const known = made.get(keep);
  if (known !== undefined) return known;
  const plan = make();
  if (plan !== undefined) made.set(keep, plan);
  return plan;
}

function makePlan(
  keep: Exclude<KeepTree, true>,
  special: ReadonlyMap<string, 'type' | 'refused'>,
  all: boolean,
): KeepPlan | undefined {
  const names = [...new Set([...special.keys(), ...Object.keys(keep)])];
  if (FIELDS_MAX < names.length) return undefined;
  const planned: PlannedField[] = [];
  for (const [i, name] of names.entries()) {
    const beneath = keep[name];
    const plan = special.get(name) ?? (beneath === undefined ? undefined : planOf(beneath));
    if (plan === undefined) return undefined;
    planned.push({ name, bytes: Buffer.from(name), bit: 1 << i, plan, id: fieldCount });
    fieldCount += 1;
  }
  const fields = tableOf(planned);
  return fields === undefined ? undefined : { all, fields };
}

function tableOf(planned: readonly PlannedField[]): (PlannedField | undefined)[] | undefined {
  for (let size = 1; size <= SLOTS_MAX; size *= 2) {
    const table = new Array<PlannedField | undefined>(size).fill(undefined);
    let collides = false;
    for (const field of planned) {
      const slot = slotOf(field.bytes, 0, field.bytes.length) & (size - 1);
      collides ||= table[slot] !== undefined;
      table[slot] = field;
    }
    if (!collides) return table;
  }
  return undefined;
}

/** The field whose name is the bytes from `start` to `end`; undefined when it has no entry. */
export function fieldAt(
  { fields }: KeepPlan,
  bytes: Uint8Array,
  start: number,
  end: number,
): PlannedField | undefined {
  if (start === end) return undefined;
  const field = fields[slotOf(bytes, start, end) & (fields.length - 1)];
  if (field === undefined || field.bytes.length !== end - start) return undefined;
  const name = field.bytes;
  for (let i = 0; i < name.length; i += 1) if (name[i] !== bytes[start + i]) return undefined;
  return field;
}

/** INVARIANT: there is at least one byte. */
function slotOf(bytes: Uint8Array, start: number, end: number): number {
  const middle = (start + end) >>> 1;
  return (end - start) * 7 + bytes[start]! * 31 + bytes[middle]! * 5 + bytes[end - 1]! * 13;
}
