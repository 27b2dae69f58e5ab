/**
 * EC2's instances and hosts, as far as Nodepool needs them. Facts: docs.aws.amazon.com/AWSEC2,
 * API reference.
 */
import type {
  AllocateHostsCommandInput,
  CreateFleetCommandInput,
  CreateLaunchTemplateCommandInput,
  EC2,
  Filter,
  Host,
  Instance,
  InstanceTypeInfo,
  LaunchTemplate,
  RunInstancesCommandInput,
  Volume,
  _InstanceType,
} from '@aws-sdk/client-ec2';

import { hasLabel, messageOf } from '../../../base/errors.ts';
import { answerWithout, isGone, orUndefined } from './errors.ts';
import { fleetError, releaseError } from './partial-answers.ts';
import type { ChangeOptions, Service } from './service.ts';
import { codeOf } from './thrown.ts';
import { namedIds } from './words.ts';

/** What AWS gives on one page at most. */
const PAGE = { MaxResults: 1000 };
const HOST_PAGE = { MaxResults: 500 };
const TEMPLATE_PAGE = { MaxResults: 200 };
/** In one DescribeInstanceTypes. */
const MOST_TYPES = 100;
/** In one filter. */
const MOST_FILTER_VALUES = 200;
/** AWS takes a second or more to make a machine, and many more on a bad day. */
const CREATE_SECONDS = 120;

const TEMPLATE_EXISTS = 'InvalidLaunchTemplateName.AlreadyExistsException';
const LIVE_STATES = ['pending', 'running', 'shutting-down', 'stopping', 'stopped'];
const KEPT_HOST_STATES = ['available', 'under-assessment', 'permanent-failure', 'pending'];

/** AWS's limit for a page. */
const FEWEST_RESULTS = 5;

export class Compute {
  readonly #ec2: Service<EC2>;

  constructor(ec2: Service<EC2>) {
    this.#ec2 = ec2;
  }

  /** All of the account and region, but those that are terminated. */
  instances(signal: AbortSignal): Promise<readonly Instance[]> {
    return this.#instances([{ Name: 'instance-state-name', Values: LIVE_STATES }], signal);
  }

  /** Also one that is terminated: AWS shows it for an hour. Undefined: AWS knows none. */
  async instance(id: string, signal: AbortSignal): Promise<Instance | undefined> {
    const answer = await orUndefined(
      this.#ec2.read(
        'DescribeInstances',
        (ec2, options) => ec2.describeInstances({ InstanceIds: [id] }, options),
        signal,
      ),
    );
    return answer?.Reservations?.[0]?.Instances?.[0];
  }

  /**
   * Those of the ids that AWS knows, terminated ones too; the others are left out. For many at once
   * that the listing does not show yet, or not any more.
   */
  async instancesOf(ids: readonly string[], signal: AbortSignal): Promise<readonly Instance[]> {
    const found: Instance[] = [];
    for (let from = 0; from < ids.length; from += MOST_FILTER_VALUES) {
      const Values = ids.slice(from, from + MOST_FILTER_VALUES);
      found.push(...(await this.#instances([{ Name: 'instance-id', Values }], signal)));
    }
    return found;
  }

  /** With the ClientToken of the request it may be repeated, here and by the caller. */
  async runInstance(request: RunInstancesCommandInput, signal: AbortSignal): Promise<Instance> {
    const { Instances } = await this.#ec2.change(
      'RunInstances',
      (ec2, options) => ec2.runInstances(request, options),
      signal,
      creation(request.ClientToken),
    );
    const instance = Instances?.[0];
    if (instance === undefined) throw answerWithout('RunInstances', 'an instance');
    return instance;
  }

  /**
   * An instant fleet of one machine; resolves with the machine's id. Where AWS makes none its reasons
   * for each type are sorted: capacity, quota, a wrong configuration.
   */
  async createFleet(request: CreateFleetCommandInput, signal: AbortSignal): Promise<string> {
    const { Instances, Errors } = await this.#ec2.change(
      'CreateFleet',
      (ec2, options) => ec2.createFleet(request, options),
      signal,
      creation(request.ClientToken),
    );
    const id = Instances?.flatMap(({ InstanceIds }) => InstanceIds ?? [])[0];
    if (id === undefined) throw fleetError(Errors ?? [], this.#ec2.section);
    return id;
  }

  /** What AWS does not know counts as gone; the others are terminated nevertheless. */
  async terminate(ids: readonly string[], signal: AbortSignal): Promise<void> {
    let left = [...new Set(ids)];
    while (left.length > 0) {
      const InstanceIds = left;
      try {
        await this.#ec2.change(
          'TerminateInstances',
          (ec2, options) => ec2.terminateInstances({ InstanceIds }, options),
          signal,
        );
        return;
      } catch (error) {
        if (!hasLabel(error, 'notFound')) throw error;
        const unknown = namedIds(messageOf(error), left);
        // AWS refuses the whole batch and does not say because of whom: then one by one.
        if (unknown.length === 0) return this.#terminateEach(left, signal);
        left = left.filter((id) => !unknown.includes(id));
      }
    }
  }

  /** All dedicated hosts but those that are released. */
  hosts(signal: AbortSignal): Promise<readonly Host[]> {
    const Filter = [{ Name: 'state', Values: KEPT_HOST_STATES }];
    return this.#ec2.readAll(
      'DescribeHosts',
      (ec2, page, options) => ec2.describeHosts({ Filter, ...HOST_PAGE, ...page }, options),
      ({ Hosts }) => Hosts,
      signal,
    );
  }

  /** Resolves with the id of the first of what is allocated. */
  async allocateHost(request: AllocateHostsCommandInput, signal: AbortSignal): Promise<string> {
    const { HostIds } = await this.#ec2.change(
      'AllocateHosts',
      (ec2, options) => ec2.allocateHosts(request, options),
      signal,
      creation(request.ClientToken),
    );
    const id = HostIds?.[0];
    if (id === undefined) throw answerWithout('AllocateHosts', 'a host');
    return id;
  }

  /** What AWS does not know counts as gone; what it cannot release yet is `retryable`. */
  async releaseHosts(ids: readonly string[], signal: AbortSignal): Promise<void> {
    if (ids.length === 0) return;
    const HostIds = [...new Set(ids)];
    const answer = await orUndefined(
      this.#ec2.change(
        'ReleaseHosts',
        (ec2, options) => ec2.releaseHosts({ HostIds }, options),
        signal,
      ),
    );
    if (answer === undefined && HostIds.length > 1) {
      for (const id of HostIds) await this.releaseHosts([id], signal);
      return;
    }
    const failed = (answer?.Unsuccessful ?? []).filter(({ Error: why }) => !isGone(why?.Code));
    if (failed.length > 0) throw releaseError(failed);
  }

  volumes(signal: AbortSignal): Promise<readonly Volume[]> {
    return this.#ec2.readAll(
      'DescribeVolumes',
      (ec2, page, options) => ec2.describeVolumes({ ...PAGE, ...page }, options),
      ({ Volumes }) => Volumes,
      signal,
    );
  }

  async deleteVolume(id: string, signal: AbortSignal): Promise<void> {
    await orUndefined(
      this.#ec2.change(
        'DeleteVolume',
        (ec2, options) => ec2.deleteVolume({ VolumeId: id }, options),
        signal,
      ),
    );
  }

  /** @throws CloudError NP_CLOUD_FATAL where one of the names is unknown in this region. */
  async instanceTypes(
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly InstanceTypeInfo[]> {
    const found: InstanceTypeInfo[] = [];
    for (let from = 0; from < names.length; from += MOST_TYPES) {
      const InstanceTypes = names.slice(from, from + MOST_TYPES) as _InstanceType[];
      const some = await this.#ec2.readAll(
        'DescribeInstanceTypes',
        (ec2, page, options) => ec2.describeInstanceTypes({ InstanceTypes, ...page }, options),
        (page) => page.InstanceTypes,
        signal,
      );
      found.push(...some);
    }
    return found;
  }

  /** Those whose names begin so. */
  launchTemplates(prefix: string, signal: AbortSignal): Promise<readonly LaunchTemplate[]> {
    const Filters = [{ Name: 'launch-template-name', Values: [`${prefix}*`] }];
    return this.#ec2.readAll(
      'DescribeLaunchTemplates',
      (ec2, page, options) =>
        ec2.describeLaunchTemplates({ Filters, ...TEMPLATE_PAGE, ...page }, options),
      ({ LaunchTemplates }) => LaunchTemplates,
      signal,
    );
  }

  /** One of that name that exists already is fine. */
  async createLaunchTemplate(
    request: CreateLaunchTemplateCommandInput,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#ec2.change(
      'CreateLaunchTemplate',
      async (ec2, options) => {
        try {
          await ec2.createLaunchTemplate(request, options);
        } catch (error) {
          if (codeOf(error) !== TEMPLATE_EXISTS) throw error;
        }
      },
      signal,
    );
  }

  async deleteLaunchTemplate(id: string, signal: AbortSignal): Promise<void> {
    await orUndefined(
      this.#ec2.change(
        'DeleteLaunchTemplate',
        (ec2, options) => ec2.deleteLaunchTemplate({ LaunchTemplateId: id }, options),
        signal,
      ),
    );
  }

  /** The end of the console. Undefined: there is none. */
  async consoleOutput(id: string, signal: AbortSignal): Promise<string | undefined> {
    const answer = await orUndefined(
      this.#ec2.read(
        'GetConsoleOutput',
        (ec2, options) => ec2.getConsoleOutput({ InstanceId: id }, options),
        signal,
      ),
    );
    const output = answer?.Output ?? '';
    return output === '' ? undefined : Buffer.from(output, 'base64').toString();
  }

  /** Resolves where AWS takes the credentials and lets them list instances, as every provider must. */
  async prove(signal: AbortSignal): Promise<void> {
    await this.#ec2.read(
      'DescribeInstances',
      (ec2, options) => ec2.describeInstances({ MaxResults: FEWEST_RESULTS }, options),
      signal,
    );
  }

  /** The names of the zones that are available to the account. */
  async zones(signal: AbortSignal): Promise<readonly string[]> {
    const Filters = [{ Name: 'state', Values: ['available'] }];
    const { AvailabilityZones } = await this.#ec2.read(
      'DescribeAvailabilityZones',
      (ec2, options) => ec2.describeAvailabilityZones({ Filters }, options),
      signal,
    );
    return (AvailabilityZones ?? [])
      .filter(({ ZoneType = 'availability-zone' }) => ZoneType === 'availability-zone')
      .flatMap(({ ZoneName }) => ZoneName ?? []);
  }

  #instances(Filters: Filter[], signal: AbortSignal): Promise<readonly Instance[]> {
    return this.#ec2.readAll(
      'DescribeInstances',
      (ec2, page, options) => ec2.describeInstances({ Filters, ...PAGE, ...page }, options),
      ({ Reservations }) => Reservations?.flatMap(({ Instances }) => Instances ?? []),
      signal,
    );
  }

  async #terminateEach(ids: readonly string[], signal: AbortSignal): Promise<void> {
    for (const id of ids)
      await orUndefined(
        this.#ec2.change(
          'TerminateInstances',
          (ec2, options) => ec2.terminateInstances({ InstanceIds: [id] }, options),
          signal,
        ),
      );
  }
}

function creation(token: string | undefined): ChangeOptions {
  return { timeoutSeconds: CREATE_SECONDS, isRepeatable: token !== undefined };
}
