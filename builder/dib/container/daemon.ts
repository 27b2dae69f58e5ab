/**
 * The Docker daemon, or podman's, as far as builds need it. Each call has a deadline, and each error is
 * NP_BUILD_RUNNER with a label: `unreachable` where nobody answers, `notFound` where there is no such
 * container or image.
 *
 * dockerode is loaded with the first connection: it is large, and only builds in containers need it.
 */
import { readFile } from 'node:fs/promises';

import type Docker from 'dockerode';
import type { ContainerCreateOptions, DockerOptions } from 'dockerode';

import type { Clock } from '../../../shared/base/clock.ts';
import { NodepoolError } from '../../../shared/base/errors.ts';
import { withDeadline } from '../../../shared/base/wait.ts';
import type { BuildKey } from '../../../shared/store/paths.ts';
import { addressText, type DaemonAddress } from './address.ts';
import { BUILD_LABEL, BUILDER_LABEL, IMAGE_LABEL } from './create-options.ts';
import { daemonError } from './daemon-error.ts';
import { withTag } from './image-name.ts';
import { readPull } from './pull.ts';
import type { RegistryLogin } from './registry-login.ts';

export interface ContainerState {
  readonly isRunning: boolean;
  /** Of its end; 0 before. */
  readonly exitCode: number;
  /** Some process in it was killed for its memory. */
  readonly isOutOfMemory: boolean;
}

export interface FoundContainer {
  readonly id: string;
  readonly key: BuildKey;
}

/** For calls that the daemon answers at once. */
const CALL_MS = 60_000;
const NEVER = new AbortController().signal;

export class Daemon {
  readonly #docker: Docker;
  readonly #clock: Clock;
  /** For people. */
  readonly address: string;

  private constructor(docker: Docker, clock: Clock, address: string) {
    this.#docker = docker;
    this.#clock = clock;
    this.address = address;
  }

  static async connect(address: DaemonAddress, clock: Clock): Promise<Daemon> {
    const { default: Dockerode } = await import('dockerode');
    const text = addressText(address);
    try {
      return new Daemon(new Dockerode(await optionsOf(address)), clock, text);
    } catch (error) {
      throw daemonError(error, `the Docker daemon at ${text} cannot be asked`, text);
    }
  }

  async hasImage(image: string): Promise<boolean> {
    return (await this.imageId(image)) !== undefined;
  }

  /** Undefined: it has no such image. */
  imageId(image: string): Promise<string | undefined> {
    return this.#call(`look for image ${image}`, async () => {
      try {
        return (await this.#docker.getImage(image).inspect()).Id;
      } catch (error) {
        if ((error as { statusCode?: unknown }).statusCode === 404) return undefined;
        throw error;
      }
    });
  }

  /** Takes as long as it takes. Without `login` the registry is asked as a stranger. */
  async pull(image: string, login: RegistryLogin | undefined, signal: AbortSignal): Promise<void> {
    const doing = `image ${image} cannot be pulled`;
    try {
      // As its first argument: among the options it would be part of the URL, which daemons log.
      const options = { fromImage: withTag(image), abortSignal: signal };
      await readPull(await this.#docker.createImage(login, options));
    } catch (error) {
      throw daemonError(error, doing, this.address);
    }
  }

  /** Answers its id. */
  create(options: ContainerCreateOptions): Promise<string> {
    return this.#call(`make a container of ${options.Image ?? ''}`, async (abortSignal) => {
      const { id } = await this.#docker.createContainer({ ...options, abortSignal });
      return id;
    });
  }

  async start(id: string): Promise<void> {
    await this.#call('start the container', (abortSignal) =>
      this.#docker.getContainer(id).start({ abortSignal }),
    );
  }

  state(id: string): Promise<ContainerState> {
    return this.#call(`look at container ${id}`, async (abortSignal) => {
      const { State } = await this.#docker.getContainer(id).inspect({ abortSignal });
      const { Running, ExitCode, OOMKilled } = State;
      return { isRunning: Running, exitCode: ExitCode, isOutOfMemory: OOMKilled };
    });
  }

  /**
   * Frames of both streams, from its start on. `isLive`: to its end, as it comes; podman leaves lines
   * out where they come fast. Else what there is, whole.
   */
  logs(id: string, isLive: boolean, signal: AbortSignal): Promise<NodeJS.ReadableStream> {
    // Of what is not live dockerode would make one text.
    const call = {
      ...{ path: `/containers/${id}/logs?`, method: 'GET', isStream: true, abortSignal: signal },
      options: { follow: isLive, stdout: true, stderr: true },
      statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
    };
    return this.#call(
      'read what the container says',
      () =>
        new Promise((resolve, reject) => {
          this.#docker.modem.dial(call, (error: unknown, stream: unknown) => {
            if (error === null || error === undefined) resolve(stream as NodeJS.ReadableStream);
            // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on
            else reject(error);
          });
        }),
    );
  }

  /** Asks it to end, and forces it after so many seconds. Fine if it has ended. */
  async stop(id: string, graceSeconds: number): Promise<void> {
    const ms = CALL_MS + graceSeconds * 1000;
    await this.#call(
      `stop container ${id}`,
      (abortSignal) =>
        this.#docker.getContainer(id).stop({ t: graceSeconds, abortSignal }).catch(unless(304)),
      ms,
    );
  }

  /** For containers that end soon. */
  async untilEnded(id: string, ms: number): Promise<void> {
    await this.#call(
      `see the end of container ${id}`,
      (abortSignal) => this.#docker.getContainer(id).wait({ abortSignal }),
      ms,
    );
  }

  /** With what it has written. Forces its end. */
  async remove(id: string): Promise<void> {
    await this.#call(`remove container ${id}`, (abortSignal) =>
      // 409: somebody else does.
      this.#docker
        .getContainer(id)
        .remove({ v: true, force: true, abortSignal })
        .catch(unless(409)),
    );
  }

  /** All containers with a builder's label, those that have ended, too. */
  ofBuilder(builderId: string): Promise<FoundContainer[]> {
    return this.#call('list containers', async (abortSignal) => {
      const filters = { label: [`${BUILDER_LABEL}=${builderId}`] };
      const found = await this.#docker.listContainers({ all: true, filters, abortSignal });
      return found.map(({ Id, Labels }) => ({
        id: Id,
        key: { image: Labels[IMAGE_LABEL] ?? '', build: Labels[BUILD_LABEL] ?? '' },
      }));
    });
  }

  async #call<T>(
    doing: string,
    work: (signal: AbortSignal) => Promise<T>,
    ms = CALL_MS,
  ): Promise<T> {
    const error = (): NodepoolError =>
      new NodepoolError('NP_BUILD_RUNNER', `cannot ${doing}: no answer within ${ms / 1000} s`, {
        labels: ['unreachable'],
      });
    try {
      return await withDeadline({ clock: this.#clock, ms, signal: NEVER, error }, work);
    } catch (cause) {
      throw daemonError(cause, `cannot ${doing}`, this.address);
    }
  }
}

function unless(status: number): (error: unknown) => void {
  return (error) => {
    if ((error as { statusCode?: unknown }).statusCode !== status) throw error;
  };
}

/** All that dockerode would else take from the environment is given. */
async function optionsOf(address: DaemonAddress): Promise<DockerOptions> {
  const nothing = { host: undefined, port: undefined, ca: undefined, cert: undefined };
  if (address.kind === 'socket')
    return { ...nothing, key: undefined, protocol: 'http', socketPath: address.path };
  const { host, port, tls } = address;
  if (tls === undefined) return { ...nothing, key: undefined, protocol: 'http', host, port };
  const [ca, cert, key] = await Promise.all(
    [tls.ca, tls.cert, tls.key].map((path) => readFile(path)),
  );
  return { host, port, protocol: 'https', ca, cert, key };
}
