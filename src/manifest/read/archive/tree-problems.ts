import type { Problem } from '../../../model/snapshot.ts';
import type { DumpShape, InputEvidence } from '../../read-item.ts';

/** Texts that are no objects and are told one by one; of more there is only the number. */
const ALIKE_MAX = 20;

const TOOLS: Readonly<Record<DumpShape, string>> = {
  'cluster-info': '`kubectl cluster-info dump`',
  inspect: '`oc adm inspect` or a must-gather',
  velero: 'a Velero backup',
  'support-bundle': 'a support bundle of Troubleshoot',
};

/** One by one, or as one problem when there are many: a repository has files of all sorts. */
export function haveNoObjects(problems: readonly Problem[]): readonly Problem[] {
  const alike = problems.filter(({ code }) => code === 'NOT_AN_OBJECT');
  if (alike.length <= ALIKE_MAX) return problems;
  const others = problems.filter(({ code }) => code !== 'NOT_AN_OBJECT');
  const summary: Problem = {
    severity: 'warning',
    code: 'NOT_AN_OBJECT',
    object: 'input',
    path: '',
    message: `${alike.length} texts in it are no Kubernetes objects; they are left out`,
    affectsVerdicts: alike.some(({ affectsVerdicts }) => affectsVerdicts),
  };
  return [...others, summary];
}

/** What was recognised, and how many files were not read; notes, of no effect on any answer. */
export function describeDump({ shapes }: InputEvidence, passedBy: number): readonly Problem[] {
  const dumps = shapes.map((shape): Problem => {
    const message = `read as what ${TOOLS[shape]} leaves`;
    return { ...NOTE, code: 'DUMP_SHAPE', object: shape, message };
  });
  if (passedBy === 0) return dumps;
  const message = `${passedBy} files in it were passed by: they hold nothing that podreach reads`;
  return [...dumps, { ...NOTE, code: 'SKIPPED_FILES', object: 'input', message }];
}

const NOTE = { severity: 'info', path: '', affectsVerdicts: false } as const;
