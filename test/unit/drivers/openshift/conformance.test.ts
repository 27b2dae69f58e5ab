import { clusterConformance } from '../pods/cluster-conformance.ts';

clusterConformance({ driver: 'openshift', label: 'pod', what: 'pods' });
clusterConformance({ driver: 'openshift', label: 'space', what: 'projects' });
