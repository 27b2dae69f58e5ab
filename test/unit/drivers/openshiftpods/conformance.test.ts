import { clusterConformance } from '../pods/cluster-conformance.ts';

clusterConformance({ driver: 'openshiftpods', label: 'pod', what: 'pods' });
