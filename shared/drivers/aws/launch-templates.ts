/**
 * Launch templates: what the instances of a fleet have in common. Each is named by a hash of what is
 * in it, as the original names it, so that both use the same ones and none is ever changed.
 *
 * Facts: nodepool/driver/aws/adapter.py (`_createLaunchTemplates`).
 */
import { createHash } from 'node:crypto';

import type {
  CreateLaunchTemplateCommandInput,
  LaunchTemplate,
  RequestLaunchTemplateData,
} from '@aws-sdk/client-ec2';

import type { AwsLabelOptions, AwsPoolOptions } from '../../../schemas/config/drivers/aws.ts';
import type { PoolConfig, PoolLabel, ProviderConfig } from '../../../schemas/config/model.ts';
import { hasCode } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { pythonJson } from '../../base/python-json.ts';
import type { Compute } from './client/compute.ts';
import { tagList, tagRecord } from './client/tags.ts';
import { userDataOf, volumeOptions } from './instance-request.ts';

const PREFIX = 'nodepool-launch-template-';
/** Where most images have their root volume; the template does not know which image it will be. */
const ROOT_DEVICE = '/dev/sda1';

export interface LaunchTemplatesOptions {
  readonly config: ProviderConfig;
  readonly compute: Compute;
  readonly log: Logger;
}

type TemplateRequest = CreateLaunchTemplateCommandInput & { LaunchTemplateName: string };

export class LaunchTemplates {
  readonly #options: LaunchTemplatesOptions;

  constructor(options: LaunchTemplatesOptions) {
    this.#options = options;
  }

  /**
   * Makes those that are missing, and deletes those of this provider that no label uses. What we may
   * not do is logged: it matters to labels with a fleet alone, whose launches say so.
   */
  async prepare(signal: AbortSignal): Promise<void> {
    const { config, compute } = this.#options;
    const wanted = templatesOf(config);
    if (wanted.size === 0) return;
    this.#sayUseless();
    await this.#orLogged('launch templates not listed', signal, async () => {
      await this.#align(wanted, await compute.launchTemplates(PREFIX, signal), signal);
    });
  }

  /** Makes the label's once more if somebody has deleted it; whether that was so. */
  async restore(pool: PoolConfig, label: PoolLabel, signal: AbortSignal): Promise<boolean> {
    const { config, compute } = this.#options;
    const request = templateRequest(config.name, pool, label);
    const { LaunchTemplateName: name } = request;
    const existing = await compute.launchTemplates(name, signal);
    if (existing.some(({ LaunchTemplateName }) => LaunchTemplateName === name)) return false;
    await compute.createLaunchTemplate(request, signal);
    return true;
  }

  /** Of a label with a fleet. */
  nameFor(pool: PoolConfig, label: PoolLabel): string {
    return templateRequest(this.#options.config.name, pool, label).LaunchTemplateName;
  }

  /** As in the original, which says nothing. */
  #sayUseless(): void {
    const { config, log } = this.#options;
    for (const [pool, label] of fleetLabels(config)) {
      const options = uselessOptions(pool, label);
      if (options.length > 0)
        log.warn('options have no effect beside fleet', {
          ...{ provider: config.name, pool: pool.name, label: label.name },
          ...{ options: options.join(', '), place: label.place ?? config.place },
        });
    }
  }

  async #align(
    wanted: ReadonlyMap<string, TemplateRequest>,
    existing: readonly LaunchTemplate[],
    signal: AbortSignal,
  ): Promise<void> {
    const { config, compute, log } = this.#options;
    const names = new Set(existing.map(({ LaunchTemplateName }) => LaunchTemplateName));
    for (const request of wanted.values()) {
      if (names.has(request.LaunchTemplateName)) continue;
      await this.#orLogged('launch template not made', signal, async () => {
        await compute.createLaunchTemplate(request, signal);
        log.info('launch template made', { template: request.LaunchTemplateName });
      });
    }
    for (const template of existing) {
      const { LaunchTemplateId: id, LaunchTemplateName: name = '' } = template;
      if (id === undefined || wanted.has(name) || !isOf(template, config.name)) continue;
      await this.#orLogged('launch template not deleted', signal, async () => {
        await compute.deleteLaunchTemplate(id, signal);
        log.info('launch template deleted: no label uses it', { template: name });
      });
    }
  }

  async #orLogged(text: string, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!hasCode(error, 'NP_CLOUD_FATAL')) throw error;
      this.#options.log.warn(text, { provider: this.#options.config.name, error });
    }
  }
}

/** By name; labels that want the same share one. */
function templatesOf(config: ProviderConfig): ReadonlyMap<string, TemplateRequest> {
  const requests = fleetLabels(config).map(([pool, label]) =>
    templateRequest(config.name, pool, label),
  );
  return new Map(requests.map((request) => [request.LaunchTemplateName, request]));
}

function fleetLabels({ pools }: ProviderConfig): (readonly [PoolConfig, PoolLabel])[] {
  return pools.flatMap((pool) =>
    [...pool.labels.values()]
      .filter(({ options }) => (options as AwsLabelOptions).fleet !== undefined)
      .map((label) => [pool, label] as const),
  );
}

/** What a launch template could say, but must not: its name would be another. */
function uselessOptions(pool: PoolConfig, label: PoolLabel): readonly string[] {
  const { iamInstanceProfile, ebsOptimized } = label.options as AwsLabelOptions;
  const { publicIpv6 } = pool.options as AwsPoolOptions;
  return [
    ...(iamInstanceProfile === undefined ? [] : ['iam-instance-profile']),
    ...(ebsOptimized ? ['ebs-optimized'] : []),
    ...(publicIpv6 ? ['public-ipv6'] : []),
  ];
}

function templateRequest(provider: string, pool: PoolConfig, label: PoolLabel): TemplateRequest {
  const request = {
    LaunchTemplateData: templateData(
      pool.options as AwsPoolOptions,
      label.options as AwsLabelOptions,
    ),
    TagSpecifications: [
      {
        ResourceType: 'launch-template' as const,
        Tags: tagList({ nodepool_managed: 'True', nodepool_provider_name: provider }),
      },
    ],
  };
  const hash = createHash('sha256')
    .update(pythonJson(sorted(request)))
    .digest('hex');
  return { LaunchTemplateName: PREFIX + hash, ...request };
}

/** Nothing may be in it that the original does not write: its name would be another. */
function templateData(pool: AwsPoolOptions, label: AwsLabelOptions): RequestLaunchTemplateData {
  return {
    KeyName: label.keyName,
    ...(pool.securityGroupId && { SecurityGroupIds: [pool.securityGroupId] }),
    BlockDeviceMappings: [
      { DeviceName: ROOT_DEVICE, Ebs: { DeleteOnTermination: true, ...volumeOptions(label) } },
    ],
    ...(label.imdsv2 && {
      MetadataOptions: { HttpTokens: label.imdsv2, HttpEndpoint: 'enabled' },
    }),
    ...(label.userdata && { UserData: userDataOf(label.userdata) }),
  };
}

function isOf({ Tags }: LaunchTemplate, provider: string): boolean {
  return tagRecord(Tags).nodepool_provider_name === provider;
}

/** As `sort_keys` of Python's `json.dumps`. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
