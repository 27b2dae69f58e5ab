/**
 * The table of drivers: a new one adds its file here and nowhere else.
 */
import { awsSection } from './aws.ts';
import { azureSection } from './azure.ts';
import { exampleSection } from './example.ts';
import { gceSection } from './gce.ts';
import { ibmvpcSection } from './ibmvpc.ts';
import { kubernetesSection } from './kubernetes.ts';
import { metastaticSection } from './metastatic.ts';
import { openshiftPodsSection, openshiftSection } from './openshift.ts';
import { fakeSection, openstackSection } from './openstack.ts';
import type { AnyDriverSection } from './section.ts';
import { staticSection } from './static.ts';
import { testSection } from './test.ts';

const sections: readonly AnyDriverSection[] = [
  awsSection,
  azureSection,
  exampleSection,
  fakeSection,
  gceSection,
  ibmvpcSection,
  kubernetesSection,
  metastaticSection,
  openshiftSection,
  openshiftPodsSection,
  openstackSection,
  staticSection,
  testSection,
];

export const driverSections: ReadonlyMap<string, AnyDriverSection> = new Map(
  sections.map((section) => [section.name, section]),
);
