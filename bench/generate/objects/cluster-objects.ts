import type { Detail, KubeObject } from '../kube-object.ts';
import type { ClusterPlan, NamespacePlan } from '../plan/cluster-plan.ts';
import { nodeAddress, nodeName, nodePodCidrs } from '../plan/network.ts';
import { uidOf } from '../random.ts';
import { metadataOf } from './metadata.ts';

/** The Namespace that `plan` describes. */
export function namespaceObject(
  { name, labels }: NamespacePlan,
  detail: Detail,
  seed: number,
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: metadataOf({ name, uid: uidOf(`Namespace ${name}`, seed), seed, labels }, detail),
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
}

/** The nodes of the cluster. */
export function* nodeObjects(
  { spec, network }: ClusterPlan,
  detail: Detail,
): Generator<KubeObject> {
  for (let node = 0; node < network.nodes; node += 1) {
    const name = nodeName(node);
    const podCIDRs = nodePodCidrs(node);
    const labels = {
      'kubernetes.io/arch': 'amd64',
      'kubernetes.io/hostname': name,
      'kubernetes.io/os': 'linux',
      'node.kubernetes.io/instance-type': node % 4 === 0 ? 'm7.4xlarge' : 'm7.2xlarge',
      'topology.kubernetes.io/region': 'eu-1',
      'topology.kubernetes.io/zone': `zone-${node % 3}`,
    };
    const naming = { name, uid: uidOf(name, 0), seed: spec.seed, labels };
    yield {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: metadataOf(naming, detail),
      spec: {
        podCIDR: podCIDRs[0],
        podCIDRs: [...podCIDRs],
        providerID: `example:///eu-1/${name}`,
      },
      status: {
        capacity: { cpu: '16', memory: '64Gi', pods: '110' },
        addresses: [
          { type: 'InternalIP', address: nodeAddress(node) },
          { type: 'Hostname', address: name },
        ],
        nodeInfo: { kubeletVersion: 'v1.34.2', operatingSystem: 'linux', architecture: 'amd64' },
      },
    };
  }
}
