import { EVERYONE } from '../service/podreach.ts';
import type { Viewer } from '../service/podreach.ts';

/** Who sent the request. Without authentication everybody is the same and sees everything. */
export function viewerOf(): Viewer {
  return EVERYONE;
}
