import { stringify } from 'yaml';
import type { Renderer } from './answer-kind.ts';

/** The JSON form as one YAML document; equal objects are written out each time, never as aliases. */
export const yaml: Renderer = {
  mediaType: 'application/yaml; charset=utf-8',
  render: (_kind, answer) => stringify(answer, { aliasDuplicateObjects: false, lineWidth: 0 }),
};
