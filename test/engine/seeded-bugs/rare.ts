/**
 * Bugs that show in so few worlds that the worlds of a test run hold none of them. They are planted
 * when `PODREACH_BUG_WORLDS` asks for thousands of worlds; each wants a fixture or a kind of world of its own.
 */
export const RARE: ReadonlySet<string> = new Set([
  'ties are lost',
  'a pass brings back what was decided',
  'policies of equal order are heard in their order',
  'a policy that cannot be read is as good as none',
  'a name has the ports of the first protocol alone',
  'other protocols slip into every port',
  'holes of one family are cut from the other',
  'nodes that may connect are left out',
  'the last party is no candidate',
  'a namespace that is not there is every one',
  'policies that may select a pod do',
]);
