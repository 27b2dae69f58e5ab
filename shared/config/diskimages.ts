/**
 * Top-level disk images with what they inherit from their parents.
 *
 * Facts: nodepool/config.py, setDiskImages and DiskImage.setFromConfig.
 */
import type { DiskimageSection } from '../../schemas/config/diskimage.ts';
import type { DiskimageConfig } from '../../schemas/config/model.ts';
import type { FileFindings } from './findings.ts';

/** Images under construction: providers add formats, the secure file variables. */
export type DiskimageDraft = {
  -readonly [Key in keyof DiskimageConfig]: DiskimageConfig[Key];
} & { envVars: Record<string, string>; formats: string[] };

export function readDiskimages(
  sections: readonly DiskimageSection[],
  report: FileFindings,
): Map<string, DiskimageDraft> {
  const all = new Map<string, DiskimageSection>();
  sections.forEach((section, index) => {
    if (all.has(section.name))
      report(
        'strict',
        ['diskimages', index, 'name'],
        `disk image ${section.name} stands in the list twice: the last one is taken`,
      );
    all.set(section.name, section);
  });
  const images = new Map<string, DiskimageDraft>();
  sections.forEach((section, index) => {
    const chain = ancestry(section, all, (message, severity) => {
      report(severity, ['diskimages', index, 'parent'], message);
    });
    if (!section.abstract) images.set(section.name, chain.reduce(inherit, blank(section.name)));
  });
  return images;
}

/** The image's ancestors, the root first, and the image. */
function ancestry(
  section: DiskimageSection,
  all: ReadonlyMap<string, DiskimageSection>,
  report: (message: string, severity: 'error' | 'strict') => void,
): DiskimageSection[] {
  const chain = [section];
  const seen = new Set([section.name]);
  for (let parent = section.parent; parent !== undefined && parent !== '';) {
    const next = all.get(parent);
    // Nobody asks for the parents of an abstract image that nothing is made from.
    const severity = section.abstract ? 'strict' : 'error';
    if (next === undefined) {
      report(`parent ${parent} is not in the list of diskimages`, severity);
      break;
    }
    if (seen.has(parent)) {
      report(`the parents go round in a circle at ${parent}`, severity);
      break;
    }
    seen.add(parent);
    chain.unshift(next);
    parent = next.parent;
  }
  return chain;
}

function blank(name: string): DiskimageDraft {
  return {
    name,
    elements: [],
    envVars: {},
    formats: [],
    keepFormats: [],
    deleteAfterUpload: false,
    isPaused: false,
    rebuildAgeSeconds: 24 * 60 * 60,
    buildTimeoutSeconds: 8 * 60 * 60,
    release: '',
    username: 'zuul',
    pythonPath: 'auto',
    shellType: undefined,
    dibCmd: 'disk-image-create',
    metadata: {},
  };
}

/** Empty and zero values do not override what is inherited. */
function inherit(image: DiskimageDraft, section: DiskimageSection): DiskimageDraft {
  const list = (own: readonly string[] | undefined, inherited: readonly string[]): string[] => [
    ...new Set(own !== undefined && own.length > 0 ? own : inherited),
  ];
  const or = <T extends string | number | undefined>(own: T | undefined, inherited: T): T =>
    own === undefined || own === '' || own === 0 ? inherited : own;
  return {
    name: image.name,
    elements: [...image.elements, ...(section.elements ?? [])],
    envVars: { ...image.envVars, ...section['env-vars'] },
    formats: list(section.formats, image.formats),
    keepFormats: list(section['keep-formats'], image.keepFormats),
    deleteAfterUpload: section['delete-after-upload'] ?? image.deleteAfterUpload,
    isPaused: section.pause === true || image.isPaused,
    rebuildAgeSeconds: or(section['rebuild-age'], image.rebuildAgeSeconds),
    buildTimeoutSeconds: or(section['build-timeout'], image.buildTimeoutSeconds),
    release: or(section.release, image.release),
    username: or(section.username, image.username),
    pythonPath: or(section['python-path'], image.pythonPath),
    shellType: or(section['shell-type'], image.shellType),
    dibCmd: or(section['dib-cmd'], image.dibCmd),
    metadata: section.metadata ?? {},
  };
}
