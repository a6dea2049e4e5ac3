import { readFile, writeFile } from 'node:fs/promises';
import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
import * as typescriptResolvers from '@graphql-codegen/typescript-resolvers';
import { parse } from 'graphql';

/*
 * Writes the types of the GraphQL resolvers from schema.graphql. With `--check`, writes nothing and
 * fails when the file is not what it would write.
 */

const SCHEMA = new URL('../schema.graphql', import.meta.url);
const GENERATED = new URL('../src/http/graphql/generated.ts', import.meta.url);

const way = (name: string): string => `../../model/way-in.ts#${name} as ${name}Model`;
const answer = (name: string): string => `../../model/answer.ts#${name}`;

/** What resolvers of a type are given: the models themselves. */
const mappers = {
  Cluster: '../../service/podreach.ts#ClusterInfo',
  Snapshot: '../../service/podreach.ts#SnapshotInfo',
  Problem: '../../model/snapshot.ts#Problem as ProblemModel',
  ...Object.fromEntries(
    ['Peer', 'NamespacedPeer', 'PodPeer', 'WorkloadPeer', 'ServicePeer', 'NamespacePeer']
      .concat(['NodePeer', 'AddressRangePeer', 'PodSetPeer'])
      .map((name) => [name, '../../model/peer.ts#Peer as PeerModel']),
  ),
  Reason: answer('Reason as ReasonModel'),
  Path: answer('Path as PathModel'),
  Assumption: answer('Assumption as AssumptionModel'),
  Outcome: answer('Outcome as OutcomeModel'),
  Leg: answer('Leg as LegModel'),
  DecidedBy: answer('DecidedBy as DecidedByModel'),
  Reach: answer('Reach as ReachModel'),
  Isolation: answer('Isolation as IsolationModel'),
  ...Object.fromEntries(
    ['Exposure', 'Permitted', 'EntryPath', 'EntryVia', 'HypotheticalReach', 'ExposurePart'].map(
      (name) => [name, `../../model/exposure.ts#${name} as ${name}Model`],
    ),
  ),
  ...Object.fromEntries(
    ['EffectiveRule', 'EffectivePart', 'EffectivePeer'].map((name) => [
      name,
      `../../model/effective.ts#${name} as ${name}Model`,
    ]),
  ),
  Policy: answer('PolicySummary'),
  ...Object.fromEntries(
    ['WayIn', 'WayInVia', 'WayInController', 'WayInBackend', 'WayInLeg'].map((name) => [
      name,
      way(name),
    ]),
  ),
  QuestionError: './question-error.ts#QuestionErrorModel',
  ClusterConnection: './connection.ts#ClusterPage',
  SnapshotConnection: './connection.ts#SnapshotPage',
  ProblemConnection: './connection.ts#ProblemPage',
  PeerConnection: './connection.ts#PeerPage',
  ReachConnection: './connection.ts#ReachPage',
  IsolationConnection: './connection.ts#IsolationPage',
  ExposureConnection: './connection.ts#ExposurePage',
  EffectiveConnection: './connection.ts#EffectivePage',
  PolicyConnection: './connection.ts#PolicyPage',
  WayInConnection: './connection.ts#WayInPage',
};

async function generate(): Promise<string> {
  const text = await codegen({
    filename: GENERATED.pathname,
    schema: parse(await readFile(SCHEMA, 'utf8')),
    documents: [],
    plugins: [{ typescript: {} }, { resolvers: {} }],
    pluginMap: { typescript, resolvers: typescriptResolvers },
    config: {
      mappers,
      contextType: './context.ts#GraphqlContext',
      useTypeImports: true,
      enumsAsTypes: true,
      immutableTypes: true,
      skipTypename: true,
      scalars: {
        PeerRef: 'string',
        Port: 'string',
        DateTime: { input: 'Date', output: 'string' },
        JSON: 'unknown',
      },
    },
  });
  // An argument with a default can still be null: then the resolver must take the default.
  const honest = text.replace('[P in K]-?: NonNullable<T[P]>', '[P in K]-?: T[P]');
  if (honest === text) throw new Error('the type of arguments with defaults was not found');
  return `// Generated from schema.graphql by \`npm run codegen\`: not to be edited.\n${honest}`;
}

const wanted = await generate();
if (!process.argv.includes('--check')) {
  await writeFile(GENERATED, wanted);
} else if ((await readFile(GENERATED, 'utf8').catch(() => '')) !== wanted) {
  console.error('src/http/graphql/generated.ts is out of date; run `npm run codegen`');
  process.exitCode = 1;
}
