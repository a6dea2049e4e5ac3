import { PodreachError } from '../model/errors.ts';
import type { IngestLimits } from '../model/input.ts';
import type { ObjectRef } from '../model/policy.ts';

/**
 * Refuses objects with more labels, or longer ones, than may be: every label is kept with its pod and
 * interned, and no server takes one of more than 380 bytes.
 *
 * Labels that objects share are looked at once.
 */
export class LabelCheck {
  readonly #limits: Pick<IngestLimits, 'labelsMax' | 'labelBytesMax'>;
  #last: ReadonlyMap<string, string> | undefined;

  constructor(limits: Pick<IngestLimits, 'labelsMax' | 'labelBytesMax'>) {
    this.#limits = limits;
  }

  /** @throws `upload-too-large` that names the object */
  check(object: ObjectRef, labels: ReadonlyMap<string, string>): void {
    if (labels === this.#last) return;
    this.#last = labels;
    const { labelsMax, labelBytesMax } = this.#limits;
    if (labelsMax < labels.size) {
      const message = `has ${labels.size} labels, more than the limit of ${labelsMax}`;
      throw tooMuch(object, message, { which: 'labels', limit: labelsMax, received: labels.size });
    }
    for (const [key, value] of labels) {
      // A unit of text is three bytes at most, so that hardly any has to be counted.
      if (3 * (key.length + value.length) <= labelBytesMax) continue;
      const received = Buffer.byteLength(key) + Buffer.byteLength(value);
      if (received <= labelBytesMax) continue;
      const message = `has a label of ${received} bytes, more than the limit of ${labelBytesMax}`;
      throw tooMuch(object, message, { which: 'label', limit: labelBytesMax, received });
    }
  }
}

function tooMuch(
  { kind, namespace, name }: ObjectRef,
  message: string,
  { which, limit, received }: { which: 'labels' | 'label'; limit: number; received: number },
): PodreachError {
  const ref = namespace === undefined ? name : `${namespace}/${name}`;
  const setting = which === 'labels' ? 'labelsMax' : 'labelBytesMax';
  return new PodreachError('upload-too-large', `${kind} ${ref} ${message}`, {
    limitBytes: limit,
    receivedBytes: received,
    which,
    hint: `take them from the object, or raise \`${setting}\``,
  });
}
