import { clusterConformance } from '../pods/cluster-conformance.ts';

clusterConformance({ driver: 'kubernetes', label: 'pod', what: 'pods' });
clusterConformance({ driver: 'kubernetes', label: 'space', what: 'namespaces' });
