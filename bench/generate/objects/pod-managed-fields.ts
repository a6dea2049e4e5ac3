import type { JsonObject } from '../kube-object.ts';
import type { PodFacts } from '../plan/pods.ts';
import { managedBy } from './metadata.ts';
import { variablePrefix } from './pod-containers.ts';

/** The managed fields of a pod: who wrote what, as trees of keys that occur nowhere else. */
export function podManagedFields(facts: PodFacts): readonly JsonObject[] {
  const { owner, ports, labels, addresses } = facts;
  const ofApp = (name: string): string => `${variablePrefix(facts)}_${name}`;
  const uid = typeof owner['uid'] === 'string' ? owner['uid'] : '';
  return [
    managedBy('kube-controller-manager', {
      'f:metadata': {
        'f:annotations': leaves(['checksum/config', 'prometheus.io/scrape', 'example.com/token']),
        'f:generateName': {},
        'f:labels': leaves(Object.keys(labels)),
        'f:ownerReferences': { '.': {}, [keyOf({ uid })]: {} },
      },
      'f:spec': {
        'f:affinity': { '.': {}, 'f:podAntiAffinity': {} },
        'f:containers': {
          [keyOf({ name: 'main' })]: {
            ...leaves(['args', 'image', 'imagePullPolicy', 'livenessProbe', 'name']),
            'f:env': {
              '.': {},
              ...named([
                'LOG_LEVEL',
                'PORT',
                ...['DATABASE_URL', 'API_KEY', 'PASSWORD'].map(ofApp),
              ]),
            },
            'f:ports': {
              '.': {},
              ...Object.fromEntries(
                ports.map(({ port, protocol }) => [
                  keyOf({ containerPort: port, protocol }),
                  leaves(['containerPort', 'name', 'protocol']),
                ]),
              ),
            },
            'f:resources': { '.': {}, 'f:limits': leaves(['cpu', 'memory']) },
          },
        },
        'f:dnsPolicy': {},
        'f:enableServiceLinks': {},
        'f:restartPolicy': {},
        'f:schedulerName': {},
        'f:volumes': { '.': {}, ...named(['config', 'cache', 'api-access']) },
      },
    }),
    managedBy(
      'kubelet',
      {
        'f:status': {
          'f:conditions': Object.fromEntries(
            ['ContainersReady', 'Initialized', 'Ready'].map((type) => [
              keyOf({ type }),
              leaves(['lastProbeTime', 'lastTransitionTime', 'status', 'type']),
            ]),
          ),
          'f:containerStatuses': {},
          'f:phase': {},
          'f:podIPs': {
            '.': {},
            ...Object.fromEntries(addresses.map((ip) => [keyOf({ ip }), leaves(['ip'])])),
          },
        },
      },
      'status',
    ),
  ];
}

function leaves(names: readonly string[]): JsonObject {
  return { '.': {}, ...Object.fromEntries(names.map((name) => [`f:${name}`, {}])) };
}

function named(names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.map((name) => [keyOf({ name }), leaves(['name', 'value'])] as const),
  );
}

function keyOf(key: JsonObject): string {
  return `k:${JSON.stringify(key)}`;
}
