/** What operators may do through the web. */

export interface ActionResult {
  readonly status: 200 | 404 | 409;
  /** For people: what was done, or why not. */
  readonly message: string;
}

/**
 * Each may be given again after an error.
 *
 * @throws NodepoolError NP_RECORD_CORRUPT. ZooKeeperError.
 */
export interface Actions {
  /** Everybody leaves the node alone until it is deleted. `comment`: why. */
  holdNode(id: string, comment: string | undefined, signal: AbortSignal): Promise<ActionResult>;
  deleteNode(id: string, signal: AbortSignal): Promise<ActionResult>;
  /** Nothing is built of the image until the pause is over. */
  pauseImage(name: string, signal: AbortSignal): Promise<ActionResult>;
  unpauseImage(name: string, signal: AbortSignal): Promise<ActionResult>;
  buildImage(name: string, signal: AbortSignal): Promise<ActionResult>;
}
