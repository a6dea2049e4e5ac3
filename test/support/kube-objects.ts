/** Kubernetes objects as kubectl prints them, as far as tests write or read them; nothing decoded. */

/** An object of any kind; absent fields are absent, nothing is defaulted. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly labels?: Readonly<Record<string, string>> | undefined;
  };
  readonly spec?: KubeSpec;
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly podIPs?: readonly { readonly ip: string }[];
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
  };
  /** EndpointSlice. */
  readonly addressType?: string;
  /** EndpointSlice. */
  readonly ports?: readonly KubeEndpointPort[];
  /** EndpointSlice. */
  readonly endpoints?: readonly KubeEndpoint[];
}

/** The specs of Pods, NetworkPolicies, Services and Deployments in one. */
export interface KubeSpec {
  readonly podSelector?: KubeSelector | null;
  readonly policyTypes?: readonly string[] | null;
  readonly ingress?: readonly (KubeRule | null)[] | null;
  readonly egress?: readonly (KubeRule | null)[] | null;
  readonly containers?: readonly KubeContainer[];
  readonly initContainers?: readonly KubeContainer[];
  readonly hostNetwork?: boolean;
  readonly nodeName?: string;
  readonly type?: string;
  /** A map of labels in a Service, a label selector in a Deployment. */
  readonly selector?: Readonly<Record<string, unknown>>;
  readonly ports?: readonly KubeServicePort[];
  readonly clusterIP?: string;
  readonly externalName?: string;
  readonly externalTrafficPolicy?: string;
  readonly externalIPs?: readonly string[];
  readonly loadBalancerSourceRanges?: readonly string[];
  readonly publishNotReadyAddresses?: boolean;
  readonly replicas?: number;
  readonly template?: {
    readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
    readonly spec: KubeSpec;
  };
}

/** A container of a pod; `restartPolicy: Always` makes an init container a sidecar. */
export interface KubeContainer {
  readonly name: string;
  readonly image?: string;
  readonly restartPolicy?: string;
  readonly ports?: readonly {
    readonly name?: string;
    readonly containerPort: number;
    readonly hostPort?: number;
    readonly protocol?: string;
  }[];
}

/** A label selector. */
export interface KubeSelector {
  readonly matchLabels?: Readonly<Record<string, string>> | null;
  readonly matchExpressions?:
    | readonly {
        readonly key: string;
        readonly operator: string;
        readonly values?: readonly string[];
      }[]
    | null;
}

/** An element of `ingress` or `egress`. */
export interface KubeRule {
  readonly from?: readonly (KubePeer | null)[] | null;
  readonly to?: readonly (KubePeer | null)[] | null;
  readonly ports?: readonly (KubePolicyPort | null)[] | null;
}

/** An element of `from` or `to`. */
export interface KubePeer {
  readonly podSelector?: KubeSelector | null;
  readonly namespaceSelector?: KubeSelector | null;
  readonly ipBlock?: KubeBlock | null;
}

/** An address block. */
export interface KubeBlock {
  readonly cidr: string;
  readonly except?: readonly string[] | null;
}

/** An element of a rule's `ports`. */
export interface KubePolicyPort {
  readonly protocol?: string;
  readonly port?: number | string;
  readonly endPort?: number;
}

/** A port of a Service. */
export interface KubeServicePort {
  readonly name?: string;
  readonly protocol?: string;
  readonly port: number;
  readonly targetPort?: number | string;
  readonly nodePort?: number;
}

/** A port of an EndpointSlice. */
export interface KubeEndpointPort {
  readonly name?: string;
  readonly protocol?: string;
  readonly port?: number;
}

/** An endpoint of an EndpointSlice. */
export interface KubeEndpoint {
  readonly addresses: readonly string[];
  readonly conditions?: {
    readonly ready?: boolean;
    readonly serving?: boolean;
    readonly terminating?: boolean;
  };
}
