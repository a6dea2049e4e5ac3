import type { Podreach } from '../../service/podreach.ts';

/** What routes are made from. */
export interface RouteService {
  readonly podreach: Podreach;
  /** URL prefix of everything, `''` or `/podreach`; links begin with it. */
  readonly basePath: string;
}
