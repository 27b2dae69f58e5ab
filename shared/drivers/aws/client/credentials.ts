/**
 * The credentials of a provider, by the SDK's default chain: environment, files of AWS's tools with
 * `profile-name`, roles, `credential_process`, web identity, containers and instances.
 *
 * One chain serves all services, so that a role is assumed once. Where AWS refuses what it gave, it is
 * asked anew, with the files read again: keys that were corrected or renewed need no restart.
 */
import type { EC2Client } from '@aws-sdk/client-ec2';

type Provider = EC2Client['config']['credentials'];

/** Keys, and the token that comes with those of a role. */
export type Identity = Awaited<ReturnType<Provider>>;

export class Credentials {
  readonly #provider: () => Promise<Provider>;
  #haveWorked = false;

  /** `provider`: the chain of a client, made at the first call. */
  constructor(provider: () => Promise<Provider>) {
    this.#provider = provider;
  }

  /** Whether AWS has taken any: then a chain that gives none is only ill. */
  get haveWorked(): boolean {
    return this.#haveWorked;
  }

  noteSuccess(): void {
    this.#haveWorked = true;
  }

  /** What the next call will be signed with. */
  async current(): Promise<Identity> {
    return (await this.#provider())();
  }

  /** Looks anew. Whether there are others by now than those that were refused. */
  async renew(refused: Identity): Promise<boolean> {
    const found = await (await this.#provider())({ forceRefresh: true });
    return (
      found.accessKeyId !== refused.accessKeyId ||
      found.secretAccessKey !== refused.secretAccessKey ||
      found.sessionToken !== refused.sessionToken
    );
  }
}
